/** What is said of a request that came to nothing usable: to the model that must repair it, and to the person who reads it. */
import type { RunFailure } from '../../../domain/task/run/outcome.ts'
import { shorten } from '../../../domain/text/cut.ts'
import type { Problem } from '../answer/envelope.ts'
import { OUTPUT_BYTES, problemWords } from '../answer/read.ts'
import { clean } from './error-body.ts'

export const repairWords = (problems: Problem[]): string =>
  `That answer cannot be used: ${problemWords(problems)}. Answer again with the whole corrected JSON object and nothing else.`

export const tooLate = (model: string, timeoutMs: number): RunFailure => ({
  code: 'timeout',
  message: `${model} did not answer within ${timeoutMs / 1000} s. Another try may help; raise the step's timeout if it needs longer.`,
  retryable: true,
})

export const cutOff = (model: string, spent: boolean): RunFailure => ({
  code: 'invalid_output',
  message: `The answer of ${model} was cut off at the model's output limit${spent ? ', and all of it had gone into its reasoning' : ''}. Ask for a shorter answer, or choose a model with more room.`,
  retryable: true,
})

export const unusable = (problems: Problem[]): RunFailure => ({
  code: 'invalid_output',
  message: `The answer does not fit the step, also after one repair: ${problemWords(problems)}. Check the prompt against the output schema.`,
  retryable: true,
})

export const refused = (model: string, text: string): RunFailure => ({
  code: 'refused',
  message: `${model} refused to answer${text ? `: “${shorten(clean(text), 300)}”` : ' (content filter)'}. Change the prompt or the task's input.`,
  retryable: false,
})

export const empty = (model: string, thought: boolean): RunFailure => ({
  code: 'empty_answer',
  message: thought
    ? `${model} gave an empty answer: all that it wrote is in its reasoning. Another try may help; if not, check how its server tells reasoning and answer apart.`
    : `${model} gave an empty answer. Another try may help; if not, make the prompt say what to answer.`,
  retryable: true,
})

export const noAddress = (setting: string): RunFailure => ({
  code: 'bad_request',
  message: `${upperFirst(setting)} is not a web address. Set it to one like https://models.example/v1, or leave it out.`,
  retryable: false,
})

const upperFirst = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

export const TOO_LARGE: RunFailure = {
  code: 'output_too_large',
  message: `The output is larger than ${OUTPUT_BYTES / 1024} KiB. Ask for less at once, or split the step.`,
  retryable: false,
}
