/** The kind `prompt`: one model call, with no tools and no context. */
import { z } from 'zod'
import type { Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'
import { askModel, MODEL, modelOrder } from './parts/model.ts'

const shape = { prompt: z.string().min(1).max(60_000).optional() }
type Own = { prompt?: string }

export interface PromptJob {
  kind: 'prompt'
  frame: Frame
  prompt: string
}

export const prompt: Handler<PromptJob, Own> = {
  ...MODEL,
  shape,
  words: {
    who: 'a prompt',
    work: 'the prompt',
    lesson: () => 'A prompt is answered here, one model call for each task.',
  },
  read: step => ({ kind: 'prompt', frame: step, prompt: step.prompt ?? '' }),
  texts: ({ prompt: text }) => (text === undefined ? [] : [{ path: ['prompt'], text }]),
  lint: () => {},
  begin: (job, view) => askModel(job.prompt, view),
  order: ({ frame }, run, pins) => modelOrder(frame, run, pins, null),
}
