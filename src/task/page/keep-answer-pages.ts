/** `POST /tasks/:id/keep`: offers an answer that people approved as it was drafted to the team's knowledge. It counts once an owner or admin took it. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { isBlobRef } from '../../domain/task/context.ts'
import { cut } from '../../domain/text/cut.ts'
import { hiddenIn, hideIn } from '../../domain/text/redact.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageEnv } from '../../http/page/page.tsx'
import { type AnswerPlace, approvedAnswer, offerAnswer } from '../../records/definitions/offered-answers.ts'
import { type Loaded, loadStory } from './load.ts'

export const keepAnswerPages = new Hono<PageEnv>()

keepAnswerPages.post('/tasks/:id/keep', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const person = c.get('person')
  const team = person.team.id
  const loaded = await loadStory(c.env, team, c.req.param('id'))
  if (loaded === null) return errorPage(c, 404)
  const { id: task, title } = loaded.story.view
  const place = { task, visit: Number(change.given.visit), run: Number(change.given.run) }
  const back = (said: string) => goTo(c, `/tasks/${task}`, said)
  const approved = await approvedAnswer(c.env.DB, team, place)
  if (approved === null) return back('Only what a model drafted and people approved unchanged can be kept.')
  if (approved.status !== null) return back(SAID[approved.status])
  const text = answerAt(loaded, place)
  if (text === null) return back('This answer is too long to be kept so: add it on the page Knowledge by hand.')
  // One text for each drafter, so that an agent is given it once.
  const key = `${(approved.agent ?? approved.step).slice(0, 32)}_answers`
  const answer = { ...place, key, title: cut(title, 200), text }
  const offered = await offerAnswer(c.env.DB, team, answer, { actor: personActor(person), at: Date.now() })
  return back(
    offered ? 'It is offered. It counts once an owner or admin has taken it, on the page Knowledge.' : SAID.offered,
  )
})

const SAID = {
  offered: 'It is offered already, and waits for an owner or admin to look at it.',
  taken: 'It is part of the knowledge already.',
  turned_down: 'Somebody looked at it and turned it down.',
}

/** What was shown there, as text, without what the workflow hides; null: it is too long for the story. */
function answerAt({ story, visits }: Loaded, { visit, run }: AnswerPlace): string | null {
  const runs = visits.find(({ n }) => n === visit)?.runs ?? []
  const output = runs.find(one => one.id === run)?.asks.findLast(({ ask }) => ask.kind === 'decide')?.ask
    .artefact?.output
  if (output === undefined || output === null || isBlobRef(output)) return null
  const shown = hideIn(output, hiddenIn(story.view.input, story.definition.redact))
  return typeof shown === 'string' ? shown : JSON.stringify(shown, null, 2)
}
