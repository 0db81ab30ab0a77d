"""The first stage: sellers list what they offer at which price; buyers gather it in a basket."""
