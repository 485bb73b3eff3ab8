"""Every schedule writes PyTorch's rates, step by step, alone and with others, and goes on where it was saved."""

import copy

import pytest

GROUPS = 3


def make_optimizer(torch, kind="SGD", tensors=False):
    """Return an optimizer of three groups with rates of their own, numbers or tensors."""
    rates = [torch.tensor(rate) if tensors else rate for rate in (0.1, 0.03, 0.5)]
    groups = [{"params": [torch.nn.Parameter(torch.ones(2))], "lr": rate} for rate in rates]
    return getattr(torch.optim, kind)(groups, **({"momentum": 0.9} if kind == "SGD" else {}))


def chained(s, o):
    return s.ChainedScheduler([s.ConstantLR(o, 0.1, 4), s.ExponentialLR(o, 0.9)])


SCHEDULES = {
    "lambda": lambda s, o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
    "lambda of each group": lambda s, o: s.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (1 + e), lambda e: e]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.9),
    "step": lambda s, o: s.StepLR(o, 7, 0.5),
    "milestones": lambda s, o: s.MultiStepLR(o, [0, 5, 20, 20, 40], 0.3),
    "constant": lambda s, o: s.ConstantLR(o),
    "constant, never": lambda s, o: s.ConstantLR(o, 0.5, 0),
    "linear": lambda s, o: s.LinearLR(o),
    "linear, down": lambda s, o: s.LinearLR(o, 1.0, 0.1, 20),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "polynomial": lambda s, o: s.PolynomialLR(o, 30, 2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 13),
    "cosine with a floor": lambda s, o: s.CosineAnnealingLR(o, 20, 0.01),
    "cosine of one epoch": lambda s, o: s.CosineAnnealingLR(o, 1),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5),
    "longer restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4, 2, 0.001),
    "one cycle": lambda s, o: s.OneCycleLR(o, 1.0, 61),
    "one cycle, linear": lambda s, o: s.OneCycleLR(o, [1.0, 2.0, 3.0], epochs=7, steps_per_epoch=10, three_phase=True),
    "one cycle, too short": lambda s, o: s.OneCycleLR(o, 1.0, 20, anneal_strategy="linear"),
    "warm-up": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1), s.CosineAnnealingLR(o, 30)], [5]),
    "warm-up, restarts": lambda s, o: s.SequentialLR(o, [s.LinearLR(o), s.CosineAnnealingWarmRestarts(o, 9)], [5]),
    "three phases": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1), s.ExponentialLR(o, 0.9), s.StepLR(o, 3)], [5, 20]
    ),
    "chained": chained,
    "chained, then steps": lambda s, o: s.SequentialLR(o, [chained(s, o), s.StepLR(o, 3)], [7]),
}


def rates(torch, make, kind="SGD", tensors=False, saved_after=None, named_epochs=False):
    """Return what 60 steps write into the groups, whatever they raise at the end included."""
    optimizer = make_optimizer(torch, kind, tensors)
    schedule = make(torch.optim.lr_scheduler, optimizer)
    found = [schedule.get_last_lr()]
    for i in range(60):
        optimizer.step()
        try:
            schedule.step(*([2 * i] if named_epochs and i % 3 == 0 else []))
        except (ValueError, TypeError) as error:
            found.append(f"{type(error).__name__}")
            break
        found.append([(float(g["lr"]), g.get("momentum"), g.get("betas")) for g in optimizer.param_groups])
        if i == saved_after:
            saved, state = copy.deepcopy(schedule.state_dict()), optimizer.state_dict()
            found.append({str(name): str(value) for name, value in saved.items() if "lambda" not in name})
            optimizer = make_optimizer(torch, kind, tensors)
            schedule = make(torch.optim.lr_scheduler, optimizer)
            schedule.load_state_dict(saved)
            optimizer.load_state_dict(state)
    return found, schedule.get_last_lr()


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_a_schedule_writes_pytorchs_rates(name, kind, agree):
    agree(lambda torch: rates(torch, SCHEDULES[name], kind), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_on_where_it_was_saved(name, agree):
    agree(lambda torch: rates(torch, SCHEDULES[name], saved_after=17), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_to_a_named_epoch(name, agree):
    agree(lambda torch: rates(torch, SCHEDULES[name], named_epochs=True), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_writes_into_rates_that_are_tensors(name, agree):
    agree(lambda torch: rates(torch, SCHEDULES[name], tensors=True))


@pytest.mark.parametrize("second", ["step", "linear", "cosine", "exponential", "milestones"])
def test_two_schedules_act_on_one_optimizer(second, agree):
    def program(torch):
        optimizer = make_optimizer(torch)
        schedules = [SCHEDULES[name](torch.optim.lr_scheduler, optimizer) for name in ("multiplicative", second)]
        found = []
        for _ in range(60):
            optimizer.step()
            for schedule in schedules:
                schedule.step()
            found.append([group["lr"] for group in optimizer.param_groups])
        return found

    agree(program, rtol=1e-9, atol=1e-12)


def test_a_group_added_later_is_a_mistake_that_is_noticed(agree):
    def program(torch):
        optimizer = make_optimizer(torch)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5)
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
        schedule.step()

    agree(program)


PLATEAU = [1.0, 0.9, 0.95, 0.9, 0.91, 0.92, 0.89, 0.9, 0.9, 0.9, 0.9, 0.9, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("cooldown", [0, 3])
def test_a_plateau_reduces_pytorchs_rates(mode, threshold_mode, cooldown, agree):
    def program(torch):
        optimizer = make_optimizer(torch)
        make = torch.optim.lr_scheduler.ReduceLROnPlateau
        schedule = make(optimizer, mode, 0.5, 2, 0.05, threshold_mode, cooldown, min_lr=0.02)
        found = []
        for i, metric in enumerate(PLATEAU):
            schedule.step(metric)
            found.append((schedule.get_last_lr(), schedule.num_bad_epochs, schedule.in_cooldown))
            if i == 8:
                saved = schedule.state_dict()
                schedule = make(optimizer)
                schedule.load_state_dict(saved)
        return found, schedule.state_dict()

    agree(program)


def test_a_plateau_notices_new_groups(agree):
    def program(torch, **options):
        optimizer = make_optimizer(torch)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, **options)
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 1.0})
        for _ in range(3):
            schedule.step(1.0)
        return schedule.get_last_lr()

    agree(program)
    agree(lambda torch: program(torch, min_lr=[0.1] * GROUPS))


WRONG = [
    "s.StepLR(3, 2)",
    "s.StepLR(o, 2, last_epoch=3)",
    "s.LambdaLR(o, [abs])",
    "s.MultiplicativeLR(o, 3)",
    "s.ConstantLR(o, 2.0)",
    "s.LinearLR(o, 0.0)",
    "s.LinearLR(o, 0.5, 2.0)",
    "s.CosineAnnealingWarmRestarts(o, 0)",
    "s.CosineAnnealingWarmRestarts(o, 1, 0)",
    "s.CosineAnnealingWarmRestarts(o, 1, 1, 'low')",
    "s.CosineAnnealingWarmRestarts(o, 3).step(-1)",
    "s.OneCycleLR(o, 1.0)",
    "s.OneCycleLR(o, 1.0, -1)",
    "s.OneCycleLR(o, 1.0, epochs=1, steps_per_epoch=0)",
    "s.OneCycleLR(o, 1.0, 9, 1, 1, 1)",
    "s.OneCycleLR(o, 1.0, 9, anneal_strategy='square')",
    "s.OneCycleLR(o, [1.0], 9)",
    "s.OneCycleLR(plain, 1.0, 9)",
    "s.ReduceLROnPlateau(o, factor=1.0)",
    "s.ReduceLROnPlateau(o, 'up')",
    "s.ReduceLROnPlateau(o, threshold_mode='up')",
    "s.ReduceLROnPlateau(o, min_lr=[1])",
    "s.ReduceLROnPlateau(5)",
    "s.SequentialLR(o, [], [])",
    "s.SequentialLR(o, [s.StepLR(o, 1)], [1])",
    "s.SequentialLR(o, [s.StepLR(o, 1), s.ReduceLROnPlateau(o)], [1])",
    "s.SequentialLR(o, [5, s.StepLR(o, 1)], [1])",
    "s.ChainedScheduler([])",
    "s.ChainedScheduler([s.StepLR(o, 1), s.ReduceLROnPlateau(o)])",
    "s.LRScheduler(o)",
]


@pytest.mark.parametrize("expression", WRONG)
def test_what_makes_no_sense_is_refused_in_pytorchs_words(expression, agree):
    def program(torch):
        names = {"s": torch.optim.lr_scheduler, "o": make_optimizer(torch), "plain": make_optimizer(torch, "Adagrad")}
        return eval(expression, names)

    agree(program)


def test_schedules_of_two_optimizers_are_refused(agree):
    def program(torch, combined):
        s, o = torch.optim.lr_scheduler, make_optimizer(torch)
        return combined(s, o, s.StepLR(make_optimizer(torch), 1))

    agree(lambda torch: program(torch, lambda s, o, other: s.SequentialLR(o, [s.StepLR(o, 1), other], [1])))
    agree(lambda torch: program(torch, lambda s, o, other: s.ChainedScheduler([s.StepLR(o, 1), other])))


def test_it_warns_of_the_wrong_order_once_and_of_an_overridden_step(agree):
    def program(torch):
        optimizer = make_optimizer(torch)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
        for _ in range(3):
            schedule.step()
        schedule.get_lr()
        other = make_optimizer(torch)
        schedule = torch.optim.lr_scheduler.StepLR(other, 2)
        other.step = lambda: None
        other.step()
        schedule.step()
        return schedule.get_last_lr()

    agree(program)


def test_a_callable_object_is_saved_with_its_attributes(agree):
    class Decay:
        def __init__(self, base):
            self.base = base

        def __call__(self, epoch):
            return self.base**epoch

    def program(torch):
        optimizer = make_optimizer(torch)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, Decay(0.5))
        saved = schedule.state_dict()
        other = torch.optim.lr_scheduler.LambdaLR(make_optimizer(torch), Decay(0.1))
        other.load_state_dict(saved)
        return saved["lr_lambdas"], list(saved), other.lr_lambdas[0].base

    agree(program)


def test_a_schedule_of_ones_own(agree):
    def program(torch):
        class Harmonic(torch.optim.lr_scheduler.LRScheduler):
            def get_lr(self):
                return [base / (1 + self.last_epoch) for base in self.base_lrs]

        return rates(torch, lambda s, o: Harmonic(o)), rates(torch, lambda s, o: Harmonic(o), named_epochs=True)

    agree(program)


def test_a_schedule_derived_from_the_classs_old_name(agree):
    def program(torch):
        class Halving(torch.optim.lr_scheduler._LRScheduler):
            def get_lr(self):
                return [base * 0.5**self.last_epoch for base in self.base_lrs]

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
        schedule = Halving(optimizer)
        optimizer.step()
        schedule.step()
        return schedule.get_last_lr(), isinstance(schedule, torch.optim.lr_scheduler.LRScheduler)

    agree(program)
