"""The census is quiet on models that are right: no bug, and hardly a check, on architectures that everybody uses."""

import os
from types import ModuleType

import pytest

from paramlab import census

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 100,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
IMAGES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
LANGUAGE = {
    "Albert": ("AlbertForMaskedLM", SMALL | {"embedding_size": 16}),
    "Bert": ("BertForMaskedLM", SMALL),
    "DebertaV2": ("DebertaV2ForMaskedLM", SMALL),
    "Gemma2": ("Gemma2ForCausalLM", SMALL | {"num_key_value_heads": 2, "head_dim": 8}),
    "GPT2": ("GPT2LMHeadModel", {"n_embd": 32, "n_layer": 2, "n_head": 4} | SMALL),
    "GPTNeoX": ("GPTNeoXForCausalLM", SMALL),
    "Llama": ("LlamaForCausalLM", SMALL),
    "Mamba": ("MambaForCausalLM", {"hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 100}),
    "Mixtral": ("MixtralForCausalLM", SMALL | {"num_key_value_heads": 2, "num_local_experts": 2}),
    "Qwen2": ("Qwen2ForCausalLM", SMALL | {"num_key_value_heads": 2}),
    "T5": ("T5ForConditionalGeneration", {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}),
}
OTHER = {
    "CLIP": ("CLIPModel", {}),
    "ConvNext": ("ConvNextForImageClassification", {"hidden_sizes": [8, 8, 8, 8], "depths": [1, 1, 1, 1]}),
    "ResNet": ("ResNetForImageClassification", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]}),
    "Swin": ("SwinForImageClassification", {"embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2], "image_size": 32}),
    "ViT": ("ViTForImageClassification", IMAGES | {"image_size": 32, "patch_size": 8}),
    "Wav2Vec2": ("Wav2Vec2ForCTC", IMAGES),
}
LAYERS = {
    "transformer": "nn.Transformer(32, 4, 2, 2, 64)",
    "two-way LSTM": "nn.LSTM(8, 8, 2, bidirectional=True)",
    "attention": "nn.MultiheadAttention(8, 2)",
    "embedding": "nn.Embedding(3, 3, padding_idx=0)",
    "weight norm": "nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))",
    "spectral norm": "nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))",
    "pruned": "prune.l1_unstructured(nn.Linear(4, 4), 'weight', 0.5)",
    "lazy": "nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d())",
    "averaged": "torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2))",
}


@pytest.fixture(scope="module")
def transformers() -> ModuleType:
    """Hugging Face's models, made here with random weights: nothing is downloaded."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    advice = "these tests look at well-known architectures: pip install transformers"
    try:
        import transformers
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)
    transformers.logging.set_verbosity_error()
    return transformers


def made(transformers, family, known):
    name, options = known[family]
    config = getattr(transformers, f"{family}Config")(**options)
    return getattr(transformers, name)(config)


def complaints(model, optimizer):
    return [(found.rule, found.name) for found in census(model, optimizer).findings if found.severity != "fact"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", [*LANGUAGE, *OTHER])
def test_there_is_nothing_to_say_of_a_new_model(torch, transformers, family):
    model = made(transformers, family, LANGUAGE | OTHER)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    assert complaints(model, optimizer) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", ["Bert", "GPT2", "Llama", "Mamba", "Mixtral"])
def test_nor_after_a_step_of_training_and_a_move(torch, transformers, family):
    model = made(transformers, family, LANGUAGE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    tokens = torch.arange(3, 35).reshape(1, 32)
    model(input_ids=tokens, labels=tokens).loss.backward()
    optimizer.step()
    assert complaints(model, optimizer) == []
    model.to(torch.float64).eval()
    assert complaints(model, optimizer) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("layer", LAYERS)
def test_nor_of_pytorchs_own_layers(torch, layer):
    from torch.nn.utils import prune

    model = eval(LAYERS[layer], {"torch": torch, "nn": torch.nn, "prune": prune})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    assert complaints(model, optimizer) == []
