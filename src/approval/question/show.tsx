/** Answers with a question's page, whoever looks at it and wherever: by link or in the inbox. */
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { withFileNames } from '../../domain/file/file.ts'
import { shownAs } from '../../domain/file/type.ts'
import type { Refusal } from '../../domain/task/commands.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { fileLink } from '../../files/links.ts'
import type { ShownFile } from '../../http/components/file-list.tsx'
import { explain } from '../../http/errors.ts'
import type { PageContext } from '../../http/page/page.tsx'
import { choosable } from '../../records/people/choosable.ts'
import type { Loaded } from '../../task/page/load.ts'
import { QuestionView } from '../views/question-view.tsx'
import { Decided, NoLongerAsked, refusalSentence, Voted } from '../views/standing-view.tsx'
import { type FormProblem, formReader, UNFIT } from './decision.ts'
import { draftFor, keep, keeping } from './draft.ts'
import type { FormReader } from './edit.ts'
import { fieldErrors } from './fill.ts'
import { loadContents } from './load.ts'
import { knownTo, type Question, questionOf } from './question.ts'
import { type Standing, standingOf } from './standing.ts'

/** Who looks at which question, and how its pages are framed and sent. */
export interface Viewing {
  team: string
  loaded: Loaded
  visit: number
  run: number
  /** In lower case; null: an admin, who may look at every question. */
  who: string | null
  /** The digest that the notice was sent for; null: there was none. */
  sent: string | null
  /** Where the form goes. */
  action: string
  expires: number | null
  /** Why this reader only looks. */
  barred?: string
  frame(title: string, content: Child, status: ContentfulStatusCode): Response | Promise<Response>
  /** Ways on from here, where the reader has an account. */
  links?: Child
  /** Fields that the form carries besides. */
  hidden?: Child
  /** What a high-risk question needs here besides the link; absent: this is no link. */
  proof?: { signedIn: boolean }
  /** Whether this reader may take back what others decided. */
  owner?: boolean
  /** Files came with the form: of what is not decided none is kept. */
  lost?: boolean
}

export interface Again {
  read: FormReader
  /** It was kept for later at this time, and not sent. */
  keptAt?: number
  problem?: FormProblem
  /** The content that the form had shown, when it has changed since. */
  seen?: string
  status: ContentfulStatusCode
}

/** The page of a question that stands like this. `late`: a decision came for it, and came to nothing. */
export function showStanding(c: PageContext, viewing: Viewing, standing: Standing, late = false, said?: string) {
  const { story } = viewing.loaded
  const told = { story, now: Date.now(), links: viewing.links }
  switch (standing.kind) {
    case 'open':
      return said === undefined
        ? showQuestion(c, viewing, standing.ask)
        : showQuestion(c, viewing, standing.ask, {
            read: () => null,
            problem: { field: 'handoff', message: said },
            status: 409,
          })
    case 'voted':
      return viewing.frame(
        'Your answer is recorded',
        <Voted {...told} standing={standing} who={viewing.who} />,
        late ? 409 : 200,
      )
    case 'decided':
      return viewing.frame(
        'Decided',
        <Decided
          {...told}
          vote={standing.vote}
          of={standing.of}
          late={late}
          who={viewing.who}
          said={said}
          undo={{ action: viewing.action, visit: viewing.visit, run: viewing.run, owner: viewing.owner ?? false }}
        />,
        late ? 409 : 200,
      )
    case 'superseded':
      return viewing.frame('No longer open', <NoLongerAsked {...told} standing={standing} />, 410)
  }
}

/** The form came with a content that was never shown: there is nothing to compare. */
const UNSEEN: FormProblem = {
  field: 'handoff',
  message: 'What you saw is not what is here now. Nothing was decided: look at it as it is, then choose.',
}

/** The question itself; `again`: as it comes back with a message. */
export async function showQuestion(c: PageContext, viewing: Viewing, ask: StoryAsk, given?: Again) {
  const { team, loaded, action, expires, sent, who } = viewing
  const again = given ?? (await keptBefore(c, viewing, ask))
  const before = sent === ask.digest || sent === null ? knownTo(loaded.visits, ask, who) : sent
  const contents = await loadContents(c.env, team, loaded, ask, again?.seen ?? again?.read('seen') ?? before)
  // What was typed over another content is given back beside the form, never taken over into it.
  const changed = again?.seen !== undefined
  const asked = questionOf(
    { ...loaded, who },
    ask,
    contents,
    changed ? undefined : again && { ...again, errors: again.problem?.errors },
  )
  const question = namingFiles(asked, loaded)
  const content = (
    <QuestionView
      question={question}
      action={action}
      expires={expires}
      barred={viewing.barred}
      links={viewing.links}
      now={Date.now()}
      files={await filesOf(c, viewing)}
      problem={again?.problem ?? (changed && question.changed === null ? UNSEEN : undefined)}
      note={again?.read('note') ?? undefined}
      unusedEdit={changed ? again?.read('edits') : null}
      proof={ask.risk === 'high' ? viewing.proof : undefined}
      people={who === null || expires !== null ? [] : await choosable(c.env.DB, team, Date.now())}
      typed={again?.read ?? (() => null)}
      adding={c.env.FILES === undefined ? null : { lost: viewing.lost === true && again !== undefined }}
    >
      {viewing.hidden}
    </QuestionView>
  )
  return viewing.frame(question.title, content, again?.status ?? 200)
}

/** People know files by their names. */
function namingFiles(question: Question, { story }: Loaded): Question {
  const { files } = story.view
  const { artefact, input } = question
  return {
    ...question,
    input: withFileNames(input, files),
    artefact: artefact && { ...artefact, value: withFileNames(artefact.value, files) },
  }
}

/** The task's files, by links that hold as long as a page is looked at: there may be no session. */
function filesOf(c: PageContext, { team, loaded }: Viewing): Promise<ShownFile[]> {
  const { files } = loaded.story.view
  return Promise.all(
    files.map(async file => ({
      ...file,
      href: await fileLink(c.env, team, file.id, Date.now()),
      shown: shownAs(file.type),
    })),
  )
}

/** What this person has kept of this question; undefined: nothing, or they may not decide it. */
async function keptBefore(c: PageContext, viewing: Viewing, ask: StoryAsk): Promise<Again | undefined> {
  const { team, who, barred } = viewing
  if (ask.form === undefined || who === null || barred !== undefined) return undefined
  const key = { team, task: viewing.loaded.story.view.id, visit: ask.visit, run: ask.run, person: who }
  const draft = await draftFor(c.env.DB, key, ask)
  return draft === null ? undefined : { ...draft, status: 200 }
}

/** Keeps the form for later instead of deciding, where it says so; null: it does not. */
export async function keepForLater(
  c: PageContext,
  viewing: Viewing,
  ask: StoryAsk,
  form: URLSearchParams,
): Promise<Response | null> {
  const read = formReader(form)
  const how = keeping(read)
  if (how === null) return null
  const { team, who } = viewing
  const now = Date.now()
  const key = { team, task: viewing.loaded.story.view.id, visit: ask.visit, run: ask.run }
  const isKept = who !== null && (await keep(c.env.DB, { ...key, person: who }, form, now))
  if (how === 'quiet') return c.body(null, isKept ? 204 : 413)
  return showQuestion(
    c,
    viewing,
    ask,
    isKept
      ? { read, keptAt: now, status: 200, problem: viewing.lost ? FILES_NOT_KEPT : undefined }
      : { read, problem: TOO_LARGE, status: 413 },
  )
}

const FILES_NOT_KEPT: FormProblem = {
  field: 'files',
  message: 'All but your files was kept. Add them when you decide.',
}
const TOO_LARGE: FormProblem = { field: 'handoff', message: 'This is too much to be kept. Nothing was decided.' }

/** The page that says why the task did not take a decision; `viewing` holds the task as it is after that. */
export function answerRefusal(c: PageContext, viewing: Viewing, refusal: Refusal, read: FormReader) {
  const { story, visits } = viewing.loaded
  const standing = standingOf(story, visits, { visit: viewing.visit, run: viewing.run, who: viewing.who })
  if (standing.kind !== 'open') return showStanding(c, viewing, standing, true)
  const { ask } = standing
  if (refusal.kind === 'content_changed') {
    return showQuestion(c, viewing, ask, { read, seen: refusal.seen, status: 409 })
  }
  if (refusal.kind === 'invalid_fields' && ask.form !== undefined) {
    const problem = { field: 'fields', message: UNFIT, errors: fieldErrors(ask.form, refusal.problems) } as const
    return showQuestion(c, viewing, ask, { read, problem, status: 422 })
  }
  const { problem, status } = wordsFor(refusal, story.definition, ask.kind)
  return showQuestion(c, viewing, ask, { read, problem, status })
}

const NOTE_NEEDED: Partial<Record<StoryAsk['kind'], string>> = {
  question: 'Write your answer first. Nothing was sent yet.',
}

function wordsFor(
  refusal: Refusal,
  definition: Loaded['story']['definition'],
  kind: StoryAsk['kind'],
): { problem: FormProblem; status: ContentfulStatusCode } {
  switch (refusal.kind) {
    case 'reason_required':
      return {
        problem: {
          field: 'note',
          message: NOTE_NEEDED[kind] ?? 'Say why: this choice needs a note. Nothing was decided yet.',
        },
        status: 422,
      }
    case 'unknown_label':
      return {
        problem: { field: 'handoff', message: 'This is not one of the choices. Choose one of the buttons.' },
        status: 422,
      }
    case 'invalid_edits':
      return { problem: { field: 'edits', message: refusal.errors.slice(0, 5).join('; ') }, status: 422 }
    case 'too_many_files':
    case 'upload_expired':
      return { problem: { field: 'files', message: `${explain(refusal).message} Nothing was decided.` }, status: 409 }
    case 'edits_not_allowed':
      return { problem: { field: 'handoff', message: 'This step allows no edits.' }, status: 422 }
    default:
      return {
        problem: { field: 'handoff', message: refusalSentence(refusal.kind, definition) },
        status: refusal.kind === 'newer_version' ? 503 : 409,
      }
  }
}
