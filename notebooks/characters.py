# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Letter after letter
#
# A net that reads a name and says which letter comes next is a net with a memory: what it has read is in its state, a
# few dozen numbers, and the same weights take each letter in. Trained on two hundred names it makes up others. On the way
# the graph of such a net is rolled up and unrolled, and attention, which keeps all that it has read, does the same work.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, gradients, graph, viz

# A plot is shown where it is the last line of a cell, and there only.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()

# %% [markdown]
# ## The text
#
# The names stand one after the other, with a point behind each. A letter is a number, from 0 for the point to 26 for z.

# %%
names = """
    ada adam agnes aida alan albert alexander alice alma amalia amanda amelia amos andrea andrew angela angelique anita
    ann anna annabel anne anselm anthony antonia april ariadne arnold arthur astrid audrey august aurora barbara basil
    beatrice benjamin bernard bertha bettina bianca boris brenda brigitte bruno carl carla carmen carolina caspar
    catherine cecilia charles charlotte christian christina clara claudia clemens conrad cora cordelia cornelia daniel
    daria david deborah delia diana dominique dora doris dorothea edgar edith edmund edward eleanor elena eliza
    elizabeth ella elsa emil emilia emily emma eric erica ernest esther eugene eva evelyn felix ferdinand fiona flora
    florence frances francis frank frederica george georgina gerald gerda gilbert gloria grace gregory gustav hanna
    hannah harold harriet helen helena henry herbert herman hilda hugo ida ines ingrid irene iris isaac isabel isabella
    ivan jacob james jane janet jasper joan johanna john jonas joseph josephine judith julia julian juliana karen
    katharina laura laurence lea leah lena leo leonora lewis lilian linda lisa livia louisa lucia lucy ludwig luisa
    lydia magdalena marcus margaret maria marian marianne marie marina marion martha martin mary matilda matthew maud
    max melanie michael mildred miranda miriam monica monique morris nadia nadine natalia nathan nicholas nina noah nora
    norma oliver olivia oscar otto patricia paul paula peter philip quentin rachel ralph raymond rebecca regina richard
    robert roland rosa rosalind rosemary ruth samuel sara sebastian sibyl silvia simon sofia sonia stella stephan susan
    susanna sylvia tamara teresa theodora thomas tobias ulrica ursula valentina vanessa vera victor victoria viola
    virginia walter wanda wilhelmina william winifred yvonne zoe
""".split()
letters = ".abcdefghijklmnopqrstuvwxyz"
text = np.array([letters.index(c) for c in "." + "".join(f"{name}." for name in names)])
print(f"{len(names)} names, {len(text)} letters: {''.join(letters[i] for i in text[:40])}...")

# %% [markdown]
# What is to be learned are pieces of twelve letters, and for each letter the one behind it.

# %%
STEPS = 12
starts = np.arange(len(text) - STEPS)
X = text[starts[:, None] + np.arange(STEPS)]
Y = text[starts[:, None] + np.arange(1, STEPS + 1)]
shares = np.bincount(text) / len(text)
pairs = np.zeros((27, 27))
np.add.at(pairs, (text[:-1], text[1:]), 1)
given_one = pairs / pairs.sum(axis=1, keepdims=True)
by_one = -(pairs * np.log(np.where(pairs > 0, given_one, 1.0))).sum() / pairs.sum()
baselines = {
    "every letter alike": np.log(27),
    "by its share": -(shares * np.log(shares)).sum(),
    "by the one before": by_one,
}
for name, entropy in baselines.items():
    print(f"guessing {name:20} {entropy:.2f} nats a letter, one of {np.exp(entropy):4.1f}")

# %% [markdown]
# ## A memory
#
# `nn.Embedding` has a row of numbers for each letter, `nn.GRU` carries a state from letter to letter, and `nn.Linear`
# gives each letter a score. Before that, the state's graph on its own. Four steps of a small layer of Elman's kind, of
# which each takes an input and the state before:

# %%
elman = nn.RNN(2, 3, rng=0)
states, last = elman(np.random.default_rng(0).normal(size=(4, 2)))
viz.draw(states, names=elman)

# %% [markdown]
# All steps do the same, with the same weights: rolled up, they are one. What ↺ marks comes from the step before.

# %%
viz.draw(states, names=elman, roll=True)

# %% [markdown]
# The gated unit computes more in a step. `z` decides, number by number, how much of the old state stays, so that what is
# worth remembering can pass through many steps unchanged.

# %%
gated = nn.GRU(2, 3, rng=0)
viz.draw(gated(np.ones((6, 2)))[0], names=gated, roll=True)


# %% [markdown]
# ## Learning
#
# The scores come as (pieces, letters, places), as the cross-entropy takes them.


# %%
class Reader(nn.Module):
    """Scores of the next letter at each place of a text."""

    def __init__(self, units=48, rng=0):
        self.letters = nn.Embedding(27, 12, rng=rng)
        self.memory = nn.GRU(12, units, batch_first=True, rng=rng + 1)
        self.scores = nn.Linear(units, 27, rng=rng + 2)

    def forward(self, x):
        states, _ = self.memory(self.letters(x))
        return self.scores(states).swapaxes(1, 2)


def learn(net, epochs):
    """Train a net on all pieces, in minibatches of 64."""
    return nn.fit(
        net, X, Y, loss="cross_entropy", optimizer=nn.optim.Adam(net.parameters(), lr=0.005), epochs=epochs, batch_size=64,
        compiled=True, rng=0, progress=False,
    )  # fmt: skip


reader = Reader()
reader.summary(X[:2])

# %%
losses = {"GRU": learn(reader, 20)["loss"]}
assert losses["GRU"][-1] < by_one - 0.5

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, entropy in baselines.items():
    ax.axhline(entropy, color="grey", linewidth=0.8)
    ax.text(19.5, entropy, name, ha="right", va="bottom", fontsize=8, color="dimgrey")
ax.plot(losses["GRU"])
ax.set(xlabel="epoch", ylabel="nats a letter")
figure

# %% [markdown]
# ## Names that nobody has
#
# A point starts a name; the scores, as probabilities, choose the next letter, which goes in again; a point ends it. A
# temperature below 1 takes what is likely more often.


# %%
def write(net, count, temperature=0.8, rng=0):
    """Names by a net, letter after letter."""
    rng, made = np.random.default_rng(rng), []
    while len(made) < count:
        word = [0]
        while len(word) < STEPS and (len(word) == 1 or word[-1]):
            scores = nn.predict(net, np.array([word]))[0, :, -1]
            word.append(int(rng.choice(27, p=F.softmax(scores / temperature))))
        made.append("".join(letters[i] for i in word).strip("."))
    return made


print("before:", ", ".join(write(Reader(), 8)))
made = write(reader, 40)
print("after: ", ", ".join(made))
print("among them", ", ".join(sorted({*made} & {*names})), "are in the list")
assert sum(name not in names for name in made) >= 10

# %% [markdown]
# ## How far back does it look?
#
# The score of the letter that came can be differentiated by everything that went in, so also by the vector of each letter
# before. How long that gradient is says how much the letter mattered.

# %%
word = ".josephine."
numbers = np.array([[letters.index(c) for c in word]])
vectors = Tensor(reader.letters(numbers[:, :-1]).data)
scores = F.log_softmax(reader.scores(reader.memory(vectors)[0]))
influence = np.array(
    [
        np.linalg.norm(gradients(scores[0, place, numbers[0, place + 1]], vectors)[0], axis=-1)
        for place in range(len(word) - 1)
    ]
)

figure, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
ax.imshow(influence / influence.max(axis=1, keepdims=True), cmap="Blues")
ax.set(xticks=range(len(word) - 1), xticklabels=word[:-1], yticks=range(len(word) - 1), yticklabels=word[1:])
ax.set(xlabel="letter that was read", ylabel="letter to be guessed")
figure

# %% [markdown]
# Nothing above the diagonal: no letter is seen before its time. What is near matters most; what is far hardly does. In a
# state that every step squeezes through a tanh, that gradient fades fast, which is why gates were invented. The three
# layers, with weights as they start:

# %%
long = np.random.default_rng(0).normal(size=(40, 1, 12))
figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for kind in (nn.RNN, nn.GRU, nn.LSTM):
    x = Tensor(long)
    states, _ = kind(12, 48, rng=0)(x)
    back = np.linalg.norm(gradients(states[-1].sum(), x)[:, 0], axis=-1)
    ax.semilogy(np.arange(40)[::-1], back / back[-1], label=kind.__name__)
ax.set(xlabel="steps back", ylabel="gradient by the input")
ax.legend()
figure

# %% [markdown]
# ## Without a memory
#
# Attention has no state. Each place compares what it looks for, a *query*, with what every place offers, a *key*, and
# takes the *values* of those that fit. A mask keeps it from looking ahead, and a second embedding says where a letter
# stands, for attention itself knows no order.


# %%
class Looker(nn.Module):
    """The same by attention in four heads, and a layer of its own for each place."""

    def __init__(self, length=32, rng=0):
        self.letters = nn.Embedding(27, length, rng=rng)
        self.places = nn.Embedding(STEPS, length, rng=rng + 1)
        self.attention = nn.MultiheadAttention(length, 4, batch_first=True, rng=rng + 2)
        self.scores = nn.Sequential(
            nn.LayerNorm(length), nn.Linear(length, 64, rng=rng + 3), nn.ReLU(), nn.Linear(64, 27, rng=rng + 4)
        )  # fmt: skip

    def look(self, x):
        """What each place takes, and the weights by which it does."""
        n = x.shape[-1]
        read = self.letters(x) + self.places(np.arange(n))
        taken, weights = self.attention(read, read, read, attn_mask=~np.tri(n, dtype=bool))
        return read + taken, weights

    def forward(self, x):
        return self.scores(self.look(x)[0]).swapaxes(1, 2)


looker = Looker()
losses["attention"] = learn(looker, 20)["loss"]
assert losses["attention"][-1] < by_one - 0.3
for name, values in losses.items():
    print(
        f"{name:10} {sum(p.size for p in (reader if name == 'GRU' else looker).parameters()):6} weights, {values[-1]:.2f}"
    )
print(", ".join(write(looker, 12)))

# %% [markdown]
# Its weights are a picture of what it looked at, without a gradient:

# %%
_, weights = looker.look(numbers[:, :-1])
assert np.allclose(weights.data.sum(axis=-1), 1)
figure, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
ax.imshow(weights.data[0], cmap="Blues")
ax.set(xticks=range(len(word) - 1), xticklabels=word[:-1], yticks=range(len(word) - 1), yticklabels=word[1:])
ax.set(xlabel="letter that is looked at", ylabel="letter to be guessed")
figure

# %% [markdown]
# And the whole of it is one formula, the softmax of products, times the values:

# %%
q, k, v = (Tensor(np.random.default_rng(i).normal(size=(3, 2)), name) for i, name in enumerate("qkv"))
taken = F.scaled_dot_product_attention(q, k, v)
print(len(graph.toposort(taken)), "nodes")
viz.draw(taken, compact=True)
