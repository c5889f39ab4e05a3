/**
 * Answers may overtake each other: one that was asked for before another that is here already is of no use.
 *
 * @returns what is called with each question, and gives what is called with its answer and says whether that is of use
 */
export function latest(): () => () => boolean {
  let asked = 0
  let answered = 0
  return () => {
    asked += 1
    const number = asked
    return () => {
      answered = Math.max(answered, number)
      return number === answered
    }
  }
}
