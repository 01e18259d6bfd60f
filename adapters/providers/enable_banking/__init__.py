"""Enable Banking: banks of Europe, by the consent that a person gives at their bank."""
