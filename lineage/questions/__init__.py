"""Questions to a graph of flows: free of Django, over one small interface (`flows.Flows`)."""
