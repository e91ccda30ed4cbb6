from hypothesis import HealthCheck, Phase, settings

# Every run the same; by hand, `--hypothesis-profile=thorough` draws other examples each time, more where a test
# does not say how many.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.register_profile("thorough", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")
