"""What teams declared and people wrote, as files for git: one file a product or dataset."""
