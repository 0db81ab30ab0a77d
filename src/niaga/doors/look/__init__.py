"""What all doors share: the dress, who may come in, and how a refusal becomes words."""
