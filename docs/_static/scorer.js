// How the search orders its answers: pages that are written to answer a question come before lists of names and lessons,
// and the more of the question's words a title has, the further up it comes.
var Scorer = {
  score: ([docname, title, anchor, descr, score, filename, kind]) => {
    if (kind === "object") return score;
    const page = docname.startsWith("docs/") && !/^docs\/(reference\/|layers|messages|numpy|systems)/.test(docname);
    return score + (page ? 12 : 0) + (page && !anchor ? 3 : 0) + 20 * Scorer.share(title);
  },
  // The share of the question's words that a title has; words such as "is" count where the title has them.
  share: (title) => {
    const stemmer = new Stemmer(), stems = (text) => new Set(splitQuery(text.toLowerCase()).map((w) => stemmer.stemWord(w)));
    const asked = [...stems(new URLSearchParams(location.search).get("q") || "")], has = stems(title);
    return asked.filter((word) => has.has(word)).length / (asked.length || 1);
  },
  objNameMatch: 20, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};

// Sphinx answers with the pages that have every word. Where there is none, those that have all but one are answers, and
// so on: one unknown word does not make a question unanswerable.
if (typeof Search !== "undefined") {
  const strict = Search.performTermsSearch;
  Search.performTermsSearch = (terms, excluded) => {
    for (let asked = [[...terms]]; asked[0]?.length; asked = fewer(asked)) {
      const found = asked.flatMap((words) => strict(new Set(words), excluded));
      if (found.length) return found;
    }
    return [];
  };
  const fewer = (sets) => {
    const shorter = sets.flatMap((words) => words.map((left) => words.filter((word) => word !== left)));
    return [...new Map(shorter.map((words) => [words.join(" "), words])).values()];
  };
}
