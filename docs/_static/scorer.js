// How the search orders its answers: pages that are written to answer a question come before lists of names and lessons.
var Scorer = {
  score: ([docname, title, anchor, descr, score, filename]) => {
    const page = docname.startsWith("docs/") && !/^docs\/(reference\/|layers|messages|numpy|systems)/.test(docname);
    return score + (page ? 12 : 0) + (page && !anchor ? 3 : 0);
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
