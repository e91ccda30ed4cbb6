"""Names of PyTorch's and of Keras's that nn lacks, and names that are misspelt: what to write instead.

`import nn` gives nn and each of its packages of functions a ``__getattr__`` that asks here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from opcode import opmap

import autograd

__all__ = ["answer", "missing"]

# Names, of which a layer's and its function's are in one pattern, and what to write. The first that fits the name, or
# the name after that of its package, as in init.normal, is taken. In the advice, F is nn.functional.
_INSTEAD = {
    r"(Lazy)?Conv3d|conv3d|conv_tbc": "autograd.conv(x, weight), which takes any number of axes, and add the bias",
    r"(Lazy)?ConvTranspose\dd|conv_transpose\dd": "autograd.conv_transpose(x, weight, like), where like has "
    "the shape of the result, or autograd.repeat and F.conv2d",
    r"MaxPool3d|max_pool3d\w*": "autograd.max_pool(x, kernel=(2, 2, 2), stride=2), which takes any number of axes",
    r"AvgPool3d|avg_pool3d": "autograd.avg_pool(x, kernel=(2, 2, 2), stride=2), which takes any number of axes",
    r"(Adaptive|adaptive_)\w*3d\w*": "autograd.mean(x, axis=(-3, -2, -1), keepdims=True) for length 1, or autograd.max",
    r"Adaptive(Avg|Max)Pool1d|adaptive_(avg|max)_pool1d\w*": "autograd.mean(x, axis=-1, keepdims=True) for length 1, "
    "or autograd.max; else F.avg_pool1d or F.max_pool1d with the length divided by that of the result",
    r"Adaptive(Avg|Max)Pool2d|adaptive_(avg|max)_pool2d\w*": "autograd.mean(x, axis=(-2, -1), keepdims=True) for "
    "length 1, or autograd.max; else F.avg_pool2d or F.max_pool2d with the length divided by that of the result",
    r"max_pool(\d)d_with_indices": "F.max_pool{1}d; places are autograd.max_pool_places",
    r"MaxUnpool\dd|max_unpool\dd": "autograd.max_unpool, with places from autograd.max_pool_places",
    r"FractionalMaxPool\dd|fractional_max_pool\dd\w*": "nn.MaxPool2d, whose windows have one size",
    r"LPPool(\d)d|lp_pool(\d)d": "(F.avg_pool2d(x**p, k) * k * k) ** (1 / p)",
    r"(Constant|Zero)Pad\dd": "F.pad(x, widths, value=0.0) in a module's forward",
    r"ReflectionPad\dd": "F.pad(x, widths, 'reflect') in a module's forward",
    r"ReplicationPad\dd": "F.pad(x, widths, 'replicate') in a module's forward",
    r"CircularPad\dd": "F.pad(x, widths, 'circular') in a module's forward",
    r"(Lazy)?BatchNorm3d": "nn.BatchNorm1d on x.reshape(samples, channels, -1)",
    r"SyncBatchNorm": "nn.BatchNorm1d or nn.BatchNorm2d: a training runs in one process",
    r"(Lazy)?InstanceNorm\dd|instance_norm": "nn.LayerNorm(x.shape[2:], elementwise_affine=False), then weight and "
    "bias of shape (channels, 1, 1)",
    r"GroupNorm|group_norm": "F.layer_norm(x.reshape(samples, groups, -1), [x[0].size // groups]).reshape(x.shape), "
    "then weight and bias of shape (channels, 1, 1)",
    r"LocalResponseNorm|CrossMapLRN2d|local_response_norm": "x / (k + alpha * mean) ** beta, with the mean of x * x "
    "over neighbours by F.avg_pool1d",
    r"Lazy(\w+)": "nn.{1}, with the size of its input",
    r"Dropout(1|2|3)d|dropout(1|2|3)d": "x * F.dropout(np.ones((samples, channels, 1, 1)), p, training), which drops "
    "channels",
    r"(Feature)?AlphaDropout|(feature_)?alpha_dropout": "nn.Dropout, and nn.LayerNorm where mean and variance matter",
    r"Bilinear|bilinear": 'autograd.einsum("ni,oij,nj->no", x1, weight, x2) + bias',
    r"EmbeddingBag|embedding_bag": "nn.Embedding, and the mean or the sum of its result along axis 1",
    r"Transformer(En|De)coderLayer": "a module of nn.MultiheadAttention, nn.LayerNorm and nn.Linear: "
    "x = norm1(x + attention(x, x, x)[0]); x = norm2(x + net(x))",
    r"Transformer\w*": "nn.Sequential of blocks of your own, each of nn.MultiheadAttention, nn.LayerNorm and nn.Linear",
    r"multi_head_attention_forward": "nn.MultiheadAttention, or F.scaled_dot_product_attention",
    r"RNN(Cell)?Base": "nn.RNN{1}, nn.LSTM{1} or nn.GRU{1}",
    r"RReLU|rrelu_?": "nn.LeakyReLU(11 / 48), which it is in evaluation",
    r"Softmax2d": "nn.Softmax(dim=-3)",
    r"(celu|elu|hardtanh|leaky_relu|relu|selu|threshold)_": "F.{1}, as no function changes its argument",
    r"gumbel_softmax": "F.softmax((scores - np.log(rng.exponential(size=scores.shape))) / tau)",
    r"HingeEmbeddingLoss|hinge_embedding_loss": "autograd.where(y == 1, x, F.relu(margin - x)).mean()",
    r"MultiLabelSoftMarginLoss|multilabel_soft_margin_loss": "nn.BCEWithLogitsLoss, whose mean is the same",
    r"MultiMarginLoss|multi_margin_loss": "F.relu(margin + x - autograd.take_along_axis(x, y[:, None], 1)), of which "
    "the right class counts as 0, summed and divided by the classes",
    r"MultiLabelMarginLoss|multilabel_margin_loss": "nn.BCEWithLogitsLoss, or a sum of F.relu(1 - right + wrong)",
    r"TripletMarginWithDistanceLoss|triplet_margin_with_distance_loss": "F.relu(d(anchor, positive) - "
    "d(anchor, negative) + margin).mean(), or nn.TripletMarginLoss",
    r"NLLLoss2d": "nn.NLLLoss, which takes any number of axes",
    r"CTCLoss|ctc_loss": "a loop over time with autograd.logsumexp of the ways to each place of the target",
    r"(Linear)?CrossEntropyOptions|Linear\w+Options|LinearCrossEntropyLoss|linear_cross_entropy": "F.cross_entropy("
    "F.linear(x, weight, bias), y)",
    r"AdaptiveLogSoftmaxWithLoss": "nn.Linear and nn.CrossEntropyLoss, over all classes",
    r"pdist": "autograd.norm(x[i] - x[j], axis=-1), with i, j = np.triu_indices(len(x), 1)",
    r"PixelShuffle|pixel_shuffle": "x.reshape(n, c, r, r, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c, r * h, -1)",
    r"PixelUnshuffle|pixel_unshuffle": "x.reshape(n, c, h, r, w, r).transpose(0, 1, 3, 5, 2, 4).reshape(n, -1, h, w)",
    r"ChannelShuffle|(native_)?channel_shuffle": "x.reshape(n, groups, -1, h, w).swapaxes(1, 2).reshape(x.shape)",
    r"Upsample|Upsampling\w+|upsample\w*|interpolate": "autograd.repeat(autograd.repeat(x, 2, -2), 2, -1), for the "
    "nearest; the bilinear is a matrix product along each axis",
    r"grid_sample|affine_grid": "x[..., rows, columns] at the four neighbours, with the weights of each",
    r"Unfold|unfold": "F.conv2d, or autograd.conv with a weight of ones at one place each",
    r"Fold|fold": "autograd.conv_transpose with a weight of ones at one place each",
    r"(Distributed)?DataParallel": "the model itself: a training runs in one process",
    r"Uninitialized(Buffer|Parameter)": "nn.Parameter of an array: shapes are stated when a module is made",
    r"Container": "nn.Module, nn.Sequential or nn.ModuleList",
    r"modules|attention|grad|common_types": "the name behind it, as in nn.Linear and nn.functional.relu",
    r"factory_kwargs": "dtype=, which each layer takes",
    r"parallel": "the model itself: a training runs in one process",
    r"quanti\w+|qat|intrinsic|ao|bias_regularization": "dtype=np.float32, the least there is",
    r"(grouped|scaled)\w*_mm|ScalingType|SwizzleType": "autograd.matmul",
    r"(has|handle)_torch_function\w*": "nothing: autograd's functions take nodes and arrays",
    r"BroadcastingList\d|boolean_dispatch|assert_int_or_pair": "nothing: it is not of use outside PyTorch",
    r"(init)\.(constant|dirac|eye|kaiming_normal|kaiming_uniform|normal|orthogonal|sparse|uniform|xavier_normal|"
    r"xavier_uniform)": "nn.init.{2}_, which says that the parameter changes",
    r"Adafactor|Muon": "nn.optim.Adam or nn.optim.AdamW",
    r"SparseAdam": "nn.optim.Adam: gradients are dense",
    r"swap_in_optimizer_params_and_state": "optimizer.load_state_dict(state)",
    r"swa_utils|AveragedModel|SWALR|update_bn|get_\w+_avg_fn": "the means of the arrays of several model.state_dict(), "
    "by model.load_state_dict",
    r"clip_grad_norm": "nn.utils.clip_grad_norm_",
    r"(remove_)?spectral_norm": 'nn.utils.parametrize.register_parametrization(layer, "weight", module), where the '
    "module's forward is weight / autograd.norm(weight, 2)",
    r"utils\.(weight_norm|remove_weight_norm)": "nn.utils.parametrizations.weight_norm",
    r"parametrizations\.orthogonal": 'nn.utils.parametrize.register_parametrization(layer, "weight", module), where '
    "the module's forward gives an orthogonal matrix, such as a product of reflections",
    r"cached|transfer_parametrizations_and_params": "nothing: a parametrized weight is "
    "calculated where it is read, and isinstance(layer, nn.Linear) holds",
    r"prune|BasePruningMethod|\w+_(un)?structured": "a mask that multiplies the weight in a module's forward",
    r"skip_init": "the module itself",
    r"stateless|functional_call": "autograd.grad of a function that calls model.load_state_dict",
    r"fuse_\w+|fusion": "nothing: nn.compile_step fuses what it can",
    r"convert_conv\dd_weight_memory_format|memory_format": "nothing: arrays have one order of axes",
    r"rnn|Pack\w+|pack_\w+|pad_packed_sequence": "arrays padded to one length, and the lengths or a mask beside them",
    r"pad_sequence|unpad_sequence|unpack_sequence": "np.pad(x, ((0, longest - len(x)), (0, 0))) for each, and np.stack",
    r"clip_grad|convert_parameters": "the functions of nn.utils",
    r"\w*Sampler": "nn.data.DataLoader(dataset, batch_size, shuffle=True), or a list of indices as its sampler",
    r"IterableDataset|ChainDataset|\w+DataPipe|StackDataset": "nn.data.Dataset with __len__ and __getitem__, or any "
    "list of batches, which nn.fit takes",
    r"DataChunk|get_worker_info|default_convert|DFIterDataPipe|argument_validation|runtime_validation\w*|functional_datapipe|"
    r"guaranteed_datapipes_determinism|non_deterministic|dataset|dataloader|sampler|distributed|datapipes|graph|"
    r"graph_settings|backward_compatibility": "nn.data.DataLoader, which loads in this process",
}

# Keras's, in the same way.
_KERAS = {
    r"Dense": 'nn.Linear(inputs, outputs), and nn.ReLU() after it for activation="relu"',
    r"Input|InputLayer|Masking": "nothing: the first layer is told the number of its inputs, as in nn.Linear(2, 16)",
    r"Model|models": "nn.Sequential(...), or a class with forward, derived from nn.Module",
    r"Activation": "nn.ReLU(), nn.Tanh(), ...; the last softmax or sigmoid belongs to the loss",
    r"Conv(1|2)D|Convolution(1|2)D": "nn.Conv{1}{2}d(channels, filters, size), of (samples, channels, ...)",
    r"(Global)?(Conv|Max|Average)\w*3D|Conv(1|2)DTranspose|(Depthwise|Separable)Conv\dD": "autograd.conv, "
    "autograd.conv_transpose, autograd.max_pool or autograd.avg_pool, which take any number of axes",
    r"Max(Pooling|Pool)(1|2)D": "nn.MaxPool{2}d(size)",
    r"(Average|Avg)(Pooling|Pool)(1|2)D": "nn.AvgPool{3}d(size)",
    r"Global(Average|Max)(Pooling|Pool)(1|2)D": "autograd.mean or autograd.max, with axis=-1 of (samples, channels, "
    "length), with axis=(-2, -1) of images",
    r"BatchNormalization": "nn.BatchNorm1d(features), or nn.BatchNorm2d(channels) of images",
    r"LayerNormalization": "nn.LayerNorm(features)",
    r"MultiHeadAttention": "nn.MultiheadAttention(width, heads)",
    r"SimpleRNN(Cell)?": "nn.RNN{1}",
    r"Bidirectional": "nn.LSTM(..., bidirectional=True)",
    r"Reshape": "nn.Unflatten(1, shape), or x.reshape in a module's forward",
    r"Permute|RepeatVector|Lambda|TimeDistributed": "a function of nodes in a module's forward, as x.swapaxes(1, 2)",
    r"Concatenate": "autograd.concatenate(xs, axis=-1) in a module's forward",
    r"Add|Subtract|Multiply|Dot": "+, -, * or @ in a module's forward",
    r"ZeroPadding\dD": "F.pad(x, widths, value=0.0) in a module's forward",
    r"Normalization|Rescaling": "nn.data.standardize(X), before the training",
    r"optimizers": "nn.optim",
    r"initializers": "nn.init",
    r"regularizers|L1|L2|L1L2": "nn.penalties, or weight_decay= of an optimiser",
    r"(Glorot|Xavier)(Uniform|Normal)": "nn.init.xavier_uniform_ or nn.init.xavier_normal_",
    r"He(Uniform|Normal)": "nn.init.kaiming_uniform_ or nn.init.kaiming_normal_",
    r"Callback|LambdaCallback|CSVLogger|TensorBoard|TerminateOnNaN": "a function of the run in callbacks= of nn.fit, "
    "called after each epoch, or an object with on_epoch_end(run); nn.fit ends at a nan by itself",
    r"ModelCheckpoint": "nn.save(run.model, path) in a function of the run in callbacks= of nn.fit",
    r"BackupAndRestore": "nn.Checkpoint(path), with resume=path of nn.fit",
    r"ReduceLROnPlateau": "nn.optim.lr_scheduler.ReduceLROnPlateau, in callbacks= of nn.fit",
    r"LearningRateScheduler": "nn.optim.lr_scheduler.LambdaLR, in callbacks= of nn.fit",
    r"load_model": "nn.load(path)",
    r"save_model": "nn.save(model, path)",
    r"to_categorical": "nn.data.one_hot(y)",
    r"set_random_seed": "nn.manual_seed(seed)",
    r"plot_model": "autograd.viz.draw_network(model, X[0])",
    r"GradientTape": "y.backward(), or autograd.gradients(y, x): there is nothing to open",
    r"evaluate": "nn.predict(model, X), and the loss of that",
    r"BinaryCrossentropy": 'loss="bce_with_logits" of scores, "bce" of probabilities',
    r"(Sparse)?CategoricalCrossentropy": 'loss="cross_entropy", of scores and classes or rows of probabilities',
    r"MeanSquaredError": 'loss="mse"',
    r"MeanAbsoluteError": 'loss="l1"',
    r"Huber": 'loss="huber"',
}


def missing(module: str, name: str, spaces: Mapping[str, object]) -> Exception:
    """The error for a name that a module lacks, with what to write if it is PyTorch's, elsewhere, or nearly one here.

    It is an ImportError if an import statement asks for the name, as that would drop an AttributeError's text.
    """
    text = "" if name.startswith("_") else _advice(module, name, spaces)
    asker = sys._getframe(2)
    if asker.f_code.co_code[asker.f_lasti] == opmap["IMPORT_FROM"]:
        return ImportError(f"cannot import name {name!r} from {module!r}{text}", name=module)
    return AttributeError(f"module {module!r} has no attribute {name!r}{text}")


def _advice(module: str, name: str, spaces: Mapping[str, object]) -> str:
    for place, space in {**spaces, "autograd": autograd}.items():
        if name in dir(space):
            return f"; it is {place}.{name}"
    qualified = f"{module.rpartition('.')[2]}.{name}"
    for owner, table in (("PyTorch", _INSTEAD), ("Keras", _KERAS)):
        for pattern, words in table.items():
            if match := re.fullmatch(pattern, name) or re.fullmatch(pattern, qualified):
                return f", which {owner} has; write {words.format(match[0], *(g or '' for g in match.groups()))}"
    known = {other.lower().replace("_", ""): other for other in dir(spaces[module])}
    near = [known[n] for n in get_close_matches(name.lower().replace("_", ""), known, 3, 0.7)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def answer(module: str, spaces: Mapping[str, object]) -> Callable[[str], object]:
    """The ``__getattr__`` of a module that raises :func:`missing`."""

    def __getattr__(name: str) -> object:  # noqa: N807
        raise missing(module, name, spaces)

    return __getattr__
