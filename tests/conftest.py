from hypothesis import settings

# the same examples in every run: a test that fails now and then says nothing of the change it fails on
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
