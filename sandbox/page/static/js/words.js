// The page's own sentences, by the catalogue of the language in force; missing ones stay English.

let book = { lang: "en", languages: { en: "English" }, words: {} };

/** Read the catalogue of a language such as `zh-CN`. */
export async function useLanguage(lang) {
  const answer = await fetch(`/words/${lang}.json`);
  if (!answer.ok) throw new Error(`no words for ${lang}`);
  book = await answer.json();
  document.documentElement.lang = book.lang;
}

/** The BCP 47 tag in force. */
export const language = () => book.lang;

/** Languages on offer: tag -> the name its readers know. */
export const languages = () => book.languages;

/** The page's language for a Slack locale. */
export const languageOf = (locale) => (/^zh/i.test(locale ?? "") ? "zh-CN" : "en");

/** A sentence, its {gaps} filled. */
export function t(sentence, gaps = {}) {
  return filled(book.words[sentence] ?? sentence, gaps);
}

/** A sentence that counts: {count} is filled by itself. */
export function tn(one, many, count, gaps = {}) {
  const sentence = book.words[one] ?? (count === 1 ? one : many);
  return filled(sentence, { ...gaps, count });
}

/** A label that comes with the state: a string, or one string for each language. */
export function said(label) {
  if (label === null || typeof label !== "object") return label ?? "";
  return label[book.lang] ?? label[book.lang.split("-")[0]] ?? label.en ?? "";
}

function filled(sentence, gaps) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => gaps[name] ?? whole);
}
