"""How a tutorial finds its device: the usual lines run, and choose the CPU."""

import pytest


@pytest.mark.parametrize(
    "program",
    [
        lambda torch: torch.device("cuda" if torch.cuda.is_available() else "cpu"),
        lambda torch: "mps" if torch.backends.mps.is_available() else "cpu",
        lambda torch: torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu",
        lambda torch: (torch.cuda.device_count(), torch.cuda.manual_seed(0), torch.cuda.manual_seed_all(0)),
        lambda torch: torch.accelerator.device_count(),
        lambda torch: torch.cuda.empty_cache(),
    ],
)
def test_there_is_no_gpu(program, agree):
    agree(program)


def test_switches_of_cudnn_can_be_set():
    import paramlab as torch

    torch.backends.cudnn.deterministic = True
    assert torch.backends.cudnn.deterministic


def test_a_program_may_ask_for_the_same_results_in_each_run(agree):
    def program(torch):
        asked = [torch.are_deterministic_algorithms_enabled()]
        for mode in (True, False):
            torch.use_deterministic_algorithms(mode, warn_only=True)
            asked.append(torch.are_deterministic_algorithms_enabled())
        return asked

    agree(program)
    agree("torch.use_deterministic_algorithms(1)")


def test_a_program_may_choose_a_number_of_threads(agree):
    def program(torch):
        before = torch.get_num_threads()
        torch.set_num_threads(before + 1)
        chosen = torch.get_num_threads() - before
        torch.set_num_threads(before)
        return chosen, before > 0

    agree(program)
    agree("torch.set_num_threads(0)")
    agree("torch.set_num_threads('all')")


@pytest.mark.parametrize("move", [lambda torch: torch.ones(2).cuda(), lambda torch: torch.nn.Linear(1, 1).cuda()])
def test_a_move_to_the_gpu_says_what_there_is_instead(move):
    # what PyTorch raises depends on how it was built and on the machine; its CUDA builds raise this
    import paramlab

    with pytest.raises(RuntimeError, match=r"no NVIDIA driver on your system.*\.to\('sim'\)"):
        move(paramlab)
