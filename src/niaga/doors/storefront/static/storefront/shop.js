// The shop's own small comforts; everything works without them.
