"""How the catalog looks in JSON: camelCase, by explicit names. Form only; rules are elsewhere."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog import policies
from catalog.models import (
    AccessRequest,
    ApiToken,
    Column,
    Dataset,
    Domain,
    Event,
    Grant,
    Objective,
    Port,
    Product,
    Team,
    TokenScope,
)
from catalog.policies import Action


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A business area."""

    class Meta:
        model = Domain
        fields = ["key", "name", "description", "parent", "visibility"]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name the parent by its key."""
        fields = super().get_fields()
        fields["parent"] = serializers.SlugRelatedField(slug_field="key", read_only=True)
        return fields


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team."""

    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)

    class Meta:
        model = Team
        fields = ["key", "name", "description", "domain"]


class PortSerializer(serializers.ModelSerializer[Port]):
    """A way in or out."""

    major = serializers.IntegerField(min_value=0)
    displayName = serializers.CharField(source="display_name")
    upstream = serializers.CharField(source="upstream_ref")
    sunsetOn = serializers.DateField(source="sunset_on")

    class Meta:
        model = Port
        fields = [
            "id",
            "direction",
            "name",
            "major",
            "version",
            "displayName",
            "description",
            "technology",
            "upstream",
            "sunsetOn",
        ]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A data product, under the names that its consumers rely on."""

    dataProductGUID = serializers.CharField(source="guid")
    createDate = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()
    displayname = serializers.CharField(source="name")
    sourceCodeLocation = serializers.CharField(source="source_code_location")
    readableDataProductKey = serializers.SerializerMethodField()
    requiredSecurityGroup = serializers.CharField(source="required_security_group")
    key = serializers.CharField()
    urn = serializers.CharField()
    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    successor = serializers.SerializerMethodField()
    sunsetOn = serializers.DateField(source="sunset_on")
    tags = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    support = serializers.SerializerMethodField()
    qualityScore = serializers.FloatField(source="quality_score")
    promisesKept = serializers.IntegerField(source="promises_kept")
    promisesTotal = serializers.IntegerField(source="promises_total")
    consumerCount = serializers.IntegerField(source="consumer_count")
    dataUpdatedAt = serializers.DateTimeField(source="data_updated_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    revision = serializers.IntegerField(source="revision_number")

    class Meta:
        model = Product
        fields = [
            "dataProductGUID",
            "createDate",
            "owner",
            "displayname",
            "sourceCodeLocation",
            "description",
            "readableDataProductKey",
            "requiredSecurityGroup",
            "key",
            "urn",
            "domain",
            "team",
            "archetype",
            "status",
            "version",
            "successor",
            "sunsetOn",
            "classification",
            "certified",
            "tags",
            "support",
            "qualityScore",
            "promisesKept",
            "promisesTotal",
            "consumerCount",
            "dataUpdatedAt",
            "updatedAt",
            "revision",
        ]

    def get_createDate(self, row: Product) -> str:
        """Return the day the product was made, as stated or as recorded."""
        return (row.created_on or row.created_at.date()).isoformat()

    def get_owner(self, row: Product) -> str:
        """Return the name of the owning team."""
        return row.team.name if row.team else ""

    def get_readableDataProductKey(self, row: Product) -> str:
        """Return the readable address."""
        return str(row.ref)

    def get_successor(self, row: Product) -> str | None:
        """Return the successor's GUID when the viewer may see it."""
        heir = row.successor
        if heir is None:
            return None
        visible = Product.objects.visible_to(self.context["request"].user).filter(pk=heir.pk)
        return heir.guid if visible.exists() else None

    def get_support(self, row: Product) -> str | None:
        """Return the support channel; of a gated product only with a grant."""
        user = self.context["request"].user
        may_see = not row.is_gated or policies.may(user, Action.SEE_CONTACT, row)
        return row.support if may_see else None


class ObjectiveSerializer(serializers.ModelSerializer[Objective]):
    """A promise and whether it is kept."""

    windowDays = serializers.IntegerField(source="window_days")
    currentValue = serializers.FloatField(source="current_value")
    isKept = serializers.BooleanField(source="is_kept")
    budgetLeft = serializers.FloatField(source="budget_left")
    measuredAt = serializers.DateTimeField(source="measured_at")

    class Meta:
        model = Objective
        fields = [
            "id",
            "key",
            "name",
            "indicator",
            "comparison",
            "target",
            "unit",
            "windowDays",
            "currentValue",
            "isKept",
            "budgetLeft",
            "measuredAt",
        ]


class ProductDetailSerializer(ProductSerializer):
    """A data product with its ports and promises."""

    ports = PortSerializer(many=True, read_only=True)
    objectives = ObjectiveSerializer(many=True, read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "ports", "objectives"]


class ColumnSerializer(serializers.ModelSerializer[Column]):
    """A column."""

    nativeType = serializers.CharField(source="native_type")
    primaryKey = serializers.BooleanField(source="primary_key")
    sensitivityReason = serializers.CharField(source="sensitivity_reason")

    class Meta:
        model = Column
        fields = [
            "path",
            "type",
            "nativeType",
            "nullable",
            "primaryKey",
            "unique",
            "description",
            "sensitivity",
            "sensitivityReason",
        ]


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset."""

    displayName = serializers.CharField(source="display_name")
    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    product = serializers.SlugRelatedField[Product](slug_field="guid", read_only=True)
    columnCount = serializers.IntegerField(source="column_count")
    rowCount = serializers.IntegerField(source="row_count")
    byteSize = serializers.IntegerField(source="byte_size")
    dataUpdatedAt = serializers.DateTimeField(source="data_updated_at")
    qualityScore = serializers.FloatField(source="quality_score")
    goneAt = serializers.DateTimeField(source="gone_at")
    revision = serializers.IntegerField(source="revision_number")

    class Meta:
        model = Dataset
        fields = [
            "id",
            "namespace",
            "name",
            "displayName",
            "description",
            "kind",
            "technology",
            "domain",
            "product",
            "columnCount",
            "rowCount",
            "byteSize",
            "dataUpdatedAt",
            "qualityScore",
            "goneAt",
            "revision",
        ]


class DatasetDetailSerializer(DatasetSerializer):
    """A dataset with its columns."""

    columns = ColumnSerializer(many=True, read_only=True)

    class Meta(DatasetSerializer.Meta):
        fields = [*DatasetSerializer.Meta.fields, "columns"]


class AccessRequestSerializer(serializers.ModelSerializer[AccessRequest]):
    """A request for a port."""

    product = serializers.CharField(source="port.product.guid", read_only=True)
    port = serializers.CharField(source="port.name", read_only=True)
    requester = serializers.CharField(source="requester.username", read_only=True)
    team = serializers.SlugRelatedField[Team](
        source="grantee_team", slug_field="key", read_only=True
    )
    endsOn = serializers.DateField(source="ends_on", read_only=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)
    decidedAt = serializers.DateTimeField(source="decided_at", read_only=True)

    class Meta:
        model = AccessRequest
        fields = [
            "id",
            "product",
            "port",
            "requester",
            "team",
            "purpose",
            "note",
            "endsOn",
            "state",
            "createdAt",
            "decidedAt",
            "comment",
        ]
        read_only_fields = fields


class NewAccessRequestSerializer(serializers.Serializer[AccessRequest]):
    """What one says when asking for a port."""

    product = serializers.CharField(help_text="GUID of the product.")
    port = serializers.CharField(help_text="Name of an output port.")
    purpose = serializers.CharField()
    note = serializers.CharField(required=False, default="", allow_blank=True)
    team = serializers.CharField(required=False, default=None, allow_null=True)
    endsOn = serializers.DateField(required=False, default=None, allow_null=True)


class DecisionSerializer(serializers.Serializer[AccessRequest]):
    """A decision."""

    comment = serializers.CharField(required=False, default="", allow_blank=True)


class GrantSerializer(serializers.ModelSerializer[Grant]):
    """A right to use a port."""

    product = serializers.CharField(source="port.product.guid", read_only=True)
    port = serializers.CharField(source="port.name", read_only=True)
    user = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    startsAt = serializers.DateTimeField(source="starts_at", read_only=True)
    endsOn = serializers.DateField(source="ends_on", read_only=True)

    class Meta:
        model = Grant
        fields = ["id", "product", "port", "user", "team", "state", "startsAt", "endsOn"]


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something that happened."""

    actor = serializers.CharField(source="actor_name")
    subjectKind = serializers.CharField(source="subject_kind")
    subject = serializers.CharField(source="subject_key")

    class Meta:
        model = Event
        fields = ["id", "type", "at", "actor", "subjectKind", "subject", "data"]


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, never its secret."""

    createdAt = serializers.DateTimeField(source="created_at")
    expiresAt = serializers.DateTimeField(source="expires_at")
    lastUsedAt = serializers.DateTimeField(source="last_used_at")
    revokedAt = serializers.DateTimeField(source="revoked_at")

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "prefix",
            "scope",
            "createdAt",
            "expiresAt",
            "lastUsedAt",
            "revokedAt",
        ]


class NewTokenSerializer(serializers.Serializer[ApiToken]):
    """What one says when making a token."""

    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(choices=TokenScope.choices, default=TokenScope.READ)
    days = serializers.IntegerField(min_value=1, max_value=3660, default=90)
