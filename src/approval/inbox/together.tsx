/** `/approvals/together`: the questions of one step that wait for the same person, decided in one go, each as it was seen. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { buttonName } from '../../domain/workflow/consequence.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { listQuestions } from '../../records/task/approvals.ts'
import { loadStory } from '../../task/page/load.ts'
import { decide } from '../question/load.ts'
import { placeOf } from './asked.ts'
import { type Alike, Together } from './together-view.tsx'

export const togetherPages = new Hono<PageEnv>()

/** How many are shown, and decided, at a time: people are to look at each. */
const AT_A_TIME = 20

togetherPages.get('/approvals/together', async c => {
  const found = await alike(c, name => c.req.query(name))
  return show(c, found)
})

togetherPages.post('/approvals/together', async c => {
  const form = await readForm(c)
  if (!form.ok) return errorPage(c, form.status)
  const handoff = form.form.get('handoff') ?? ''
  const note = form.form.get('note')?.trim().slice(0, 5000) || undefined
  const picked = form.form.getAll('pick').slice(0, AT_A_TIME)
  const found = await alike(c, name => form.form.get(name))
  if (picked.length === 0) return show(c, found, 'Nothing was decided: tick what you mean, then choose.')
  if (!labelsOf(found).includes(handoff)) return show(c, found, 'Nothing was decided: choose one of the buttons.')
  const told = await decideEach(c, picked, handoff, note)
  return goTo(c, '/approvals', sentence(told, handoff))
})

async function show(c: PageContext, found: Alike[], problem?: string) {
  const content = <Together alike={found} labels={labelsOf(found)} problem={problem} now={Date.now()} />
  return page(
    c,
    { title: 'Decide together', active: 'approvals', styles: ['approval'] },
    content,
    problem === undefined ? 200 : 422,
  )
}

/** The viewer's open questions of this step, oldest first, as they are now. */
async function alike(c: PageContext, read: (name: string) => string | null | undefined): Promise<Alike[]> {
  const { team, email } = c.get('person')
  const viewer = email.toLowerCase()
  const [workflow, step, name] = [read('workflow') ?? '', read('step') ?? '', read('name') || undefined]
  const { items } = await listQuestions(c.env.DB, team.id, { of: viewer, workflow, kind: 'decide' }, null)
  const rows = items.filter(({ ask }) => ask.step === step && ask.name === name).slice(0, AT_A_TIME)
  const found: Alike[] = []
  for (const some of chunks(rows, SIDE_BY_SIDE)) {
    const loaded = await Promise.all(some.map(row => loadStory(c.env, team.id, row.task)))
    loaded.forEach((each, at) => {
      const row = some[at]!
      const ask = each?.story.asks.find(one => one.visit === row.ask.visit && one.run === row.ask.run)
      if (ask !== undefined && waitsFor(ask, viewer)) found.push({ row, ask })
    })
  }
  return found
}

function waitsFor(ask: StoryAsk, viewer: string): boolean {
  return ask.assignees.some(each => each.email === viewer && !each.decided)
}

/** The choices that all of them have and that need neither note nor fields: what needs them is decided one by one. */
function labelsOf(found: Alike[]): string[] {
  const [first, ...others] = found.map(({ ask }) =>
    ask.labels.filter(label => !ask.reason.includes(label) && !ask.form?.labels.includes(label)),
  )
  return (first ?? []).filter(label => others.every(labels => labels.includes(label)))
}

interface Told {
  decided: number
  /** Decided by somebody else meanwhile, or changed since it was shown. */
  not: number
}

/** Gives each decision to its task, bound to what was shown of it. */
async function decideEach(c: PageContext, picked: string[], handoff: string, note?: string): Promise<Told> {
  const person = c.get('person')
  const told: Told = { decided: 0, not: 0 }
  for (const some of chunks(picked, SIDE_BY_SIDE)) {
    const answers = await Promise.all(
      some.map(async text => {
        const [at, seen] = [text.slice(0, text.lastIndexOf(':')), text.slice(text.lastIndexOf(':') + 1)]
        const place = placeOf(at)
        if (place === null) return false
        const subject = { team: person.team.id, ...place }
        return (await decide(c.env, subject, personActor(person), { handoff, note, seen })).ok
      }),
    )
    for (const ok of answers) told[ok ? 'decided' : 'not']++
  }
  return told
}

function sentence({ decided, not }: Told, handoff: string): string {
  const said = `${decided} decided: “${buttonName(handoff)}”.`
  if (not === 0) return said
  return `${said} ${not} ${not === 1 ? 'was' : 'were'} decided or changed by somebody else meanwhile: look at ${not === 1 ? 'it' : 'them'} again.`
}
