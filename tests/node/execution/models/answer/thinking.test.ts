import { expect, test } from 'vitest'
import { withoutThinking } from '../../../../../src/execution/models/answer/thinking.ts'

const taken: [string, string, string][] = [
  ['a block in front', '<think>\nHm.\n</think>\n\nYes.', 'Yes.'],
  ['an empty block', '<think>\n\n</think>\n\nYes.', 'Yes.'],
  ['blanks before the block', '\n <think>Hm.</think> Yes.', 'Yes.'],
  ['two blocks', '<think>a</think><think>b</think>Yes.', 'Yes.'],
  ['Mistral’s block', '[THINK]Hm.[/THINK]Yes.', 'Yes.'],
  ['Kimi’s block', '◁think▷Hm.◁/think▷Yes.', 'Yes.'],
  ['Seed’s block', '<seed:think>Hm.</seed:think>Yes.', 'Yes.'],
  ['a block that the prompt opened', 'Hm.\nWell.\n</think>\n\nYes.', 'Yes.'],
  ['a block that does not end', '<think>Hm. Yes.', ''],
  ['nothing but a block', '<think>Hm.</think>', ''],
  [
    'gpt-oss’s channels',
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>',
    'Yes.',
  ],
]
test.each(taken)('takes off %s', (_, answer, text) => {
  expect(withoutThinking(answer)).toEqual({ text, thought: true })
})

const kept: [string, string][] = [
  ['a block within the answer', 'Write <think>this</think> in front.'],
  ['a block at the end', 'Yes.\n<think>Hm.</think>'],
  ['the end of a block in a sentence', 'The tag `</think>` ends it.'],
  ['the end of a block in a line', 'First\nuse </think> here\nlast'],
  ['two ends of blocks', 'One\n</think>\ntwo\n</think>\nthree'],
  ['tags that a prompt may ask for', '<thinking>Step 1.</thinking>\nYes.'],
  ['a tag that only begins alike', '<thinker>Rodin</thinker>'],
  ['a channel in words', 'gpt-oss writes <|channel|>final<|message|> before its answer'],
]
test.each(kept)('keeps %s', (_, answer) => {
  expect(withoutThinking(answer)).toEqual({ text: answer, thought: false })
})

test('takes off the marks at the end that a server left there', () => {
  expect(withoutThinking('Yes.<|im_end|>\n<|endoftext|>').text).toBe('Yes.')
  expect(withoutThinking('<s>Yes.</s>').text).toBe('<s>Yes.</s>')
})
