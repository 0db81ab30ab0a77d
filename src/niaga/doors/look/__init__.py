"""What all doors share: the dress (layouts, components, styles), who may come in, and the way
in which a refusal becomes words."""
