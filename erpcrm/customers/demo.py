def fill(world): pass
