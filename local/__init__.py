"""The cloud on a laptop: what template.yaml describes, on loopback. Never imported by functions/."""
