"""Expressions one by one, their picture as DOT, and their gradients by hand before those of a whole pass."""

from graphviz import Digraph
from micrograd.engine import Value


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root):
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for n in nodes:
        uid = str(id(n))
        dot.node(name=uid, label="{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad), shape="record")  # noqa: UP031
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def show(root):
    lines = draw_dot(root).source.splitlines()
    print(sorted(line.partition("label=")[2] for line in lines if "label=" in line))
    print(sum("->" in line for line in lines), "arrows")


x1, x2 = Value(2.0), Value(0.0)
w1, w2 = Value(-3.0), Value(1.0)
b = Value(6.8813735870195432)
x1w1, x2w2 = x1 * w1, x2 * w2
both = x1w1 + x2w2
n = both + b
o = n.relu()
for v, name in [
    (x1, "x1"),
    (x2, "x2"),
    (w1, "w1"),
    (w2, "w2"),
    (b, "b"),
    (x1w1, "x1*w1"),
    (x2w2, "x2*w2"),
    (both, "sum"),
    (n, "n"),
    (o, "o"),
]:
    v.label = name
show(o)

o.grad = 1.0
o._backward()
n._backward()
b._backward()
both._backward()
x2w2._backward()
x1w1._backward()
show(o)

topo, visited = [], set()


def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build_topo(child)
        topo.append(v)


build_topo(o)
for v in topo:
    v.grad = 0.0
o.grad = 1.0
for v in reversed(topo):
    v._backward()
show(o)

for v in topo:
    v.grad = 0.0
o.backward()
show(o)

a = Value(3.0)
twice = a + a
twice.backward()
print(f"{a.grad:.1f} {len(twice._prev)} {twice._op} {a._op == ''} {a._prev == set()}")
