/** Dates in languages for which Chromium has no words. */

/**
 * In Kazakh it says "M11 26, Thu" and "today".
 *
 * @typedef {object} DateWords
 * @property {string[]} months as they stand beside a day
 * @property {string[]} shortMonths
 * @property {string[]} weekdays from Sunday on
 * @property {string} today
 * @property {string} yesterday
 * @property {(count: number) => string} days
 * @property {(day: string, year?: string) => string} dated
 */

/** @type {Record<string, DateWords>} */
const WORDS = {
  kk: {
    months: "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан".split(" "),
    shortMonths: "қаң. ақп. нау. сәу. мам. мау. шіл. там. қыр. қаз. қар. жел.".split(" "),
    weekdays: "жексенбі дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі".split(" "),
    today: "бүгін",
    yesterday: "кеше",
    days: (count) => `${count} күн`,
    dated: (day, year) => (year ? `${year} ж. ${day}` : day),
  },
};

/**
 * @param {string} language
 * @returns {DateWords | undefined} undefined where the browser itself knows how to say it
 */
export function wordsOf(language) {
  return WORDS[language];
}

/**
 * "26 қараша, бейсенбі".
 *
 * @param {DateWords} words
 * @param {string} key as dayKey makes it
 * @param {string} [year] where it is another one
 */
export function longDay(words, key, year) {
  const day = new Date(key);
  const date = words.dated(`${day.getUTCDate()} ${words.months[day.getUTCMonth()]}`, year);
  return `${date}, ${words.weekdays[day.getUTCDay()]}`;
}

/**
 * "26 қар."
 *
 * @param {DateWords} words
 * @param {string} key
 * @param {string} [year]
 */
export function shortDay(words, key, year) {
  const day = new Date(key);
  return words.dated(`${day.getUTCDate()} ${words.shortMonths[day.getUTCMonth()]}`, year);
}
