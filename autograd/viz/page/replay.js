// A selection drops a gradient where not even nan comes through; at a kink a 0 is stated, and meets ∞ as a number.
// `read` are the value of the op, its operands and its static arguments.
const drops = (op, i, read) => op.kinks && !Number.isNaN(op.vjps[i](NaN, ...read))
  && !(op.kinks[i] && op.kinks[i](...read.slice(1)));

// A recorded graph, computed anew for other values of its leaves: `program` is what Python wrote of the graph, `ops` the
// op table. Nodes and operands are counted from 0, in the order of the graph; an array is a list of its elements.
//   set(node, element, number)   give an element of a leaf another value, for the next run()
//   run()                        compute every value, then every gradient
//   value(node), gradient(node)  lists of numbers; of what has no gradient, null
//   factor(node, operand)        the derivative of an elementwise op by an operand, for each element of the node
//   contribution(node, operand)  what an operand gets from a node, as a list; null if it gets nothing
function replayer(program, ops) {
  const values = Float64Array.from(program.cells, (number) => Number(number ?? 0));
  const gradients = new Float64Array(values.length);
  const reached = new Uint8Array(values.length); // by the backward pass: what a selection dropped stays 0
  const live = new Set(program.live);
  const seed = program.seed.map(Number);
  const output = program.nodes.at(-1);
  const steps = program.steps.map(([cell, name, operands, params]) => (
    { cell, op: ops[name], operands, params: params.map(Number) }));

  function forward() {
    for (const { cell, op, operands, params } of steps) {
      values[cell] = op.value(...operands.map((operand) => values[operand]), ...params);
    }
  }

  function add(cell, amount) {
    gradients[cell] = reached[cell] ? gradients[cell] + amount : amount;
    reached[cell] = 1;
  }

  function backward() {
    gradients.fill(0);
    reached.fill(0);
    output.forEach((cell, i) => { if (live.has(cell)) add(cell, seed[i]); });
    for (let k = steps.length - 1; k >= 0; k--) {
      const { cell, op, operands, params } = steps[k];
      if (!reached[cell]) continue;
      const read = [values[cell], ...operands.map((operand) => values[operand]), ...params];
      operands.forEach((operand, i) => {
        if (!live.has(operand) || !op.vjps[i] || drops(op, i, read)) return;
        add(operand, op.vjps[i](gradients[cell], ...read));
      });
    }
  }

  const maker = new Map(steps.map((step) => [step.cell, step]));
  function derivative(cell, i) {
    const { op, operands, params } = maker.get(cell);
    return op.vjps[i](1, values[cell], ...operands.map((operand) => values[operand]), ...params);
  }

  const read = (numbers, cells) => cells && cells.map((cell) => numbers[cell]);
  const graph = {
    set(node, element, number) { values[program.nodes[node][element]] = number; },
    run() { forward(); backward(); },
    value: (node) => read(values, program.nodes[node]),
    gradient: (node) => (live.has(program.nodes[node][0]) ? read(gradients, program.nodes[node]) : null),
    factor: (node, operand) => program.nodes[node].map((cell) => derivative(cell, operand)),
    contribution: (node, operand) => read(gradients, program.edges[node][operand]),
  };
  graph.run();
  return graph;
}
