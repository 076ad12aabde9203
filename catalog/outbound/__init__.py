"""What leaves for people and machines: notifications, messages, webhooks, and how each person wants them."""
