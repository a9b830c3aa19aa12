/** A rough count of tokens, for models that do not report one and for the demo model. */

/** About how many tokens a text is: four characters to a token, as English goes. */
export const estimateTokens = (text: string): number => tokensIn(text.length)

/** The same of a text of so many characters. */
export const tokensIn = (chars: number): number => Math.ceil(chars / 4)
