/** An open question as a mail tells of it. Pure. */
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { questionName } from '../../domain/workflow/consequence.ts'
import { stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import type { Asked } from '../../task/notice.ts'
import type { Loaded } from '../../task/page/load.ts'

/** The question with those who are to be told of it: unless named, whoever is still to answer. */
export function askedFor(team: string, { story }: Loaded, ask: StoryAsk, recipients?: string[]): Asked {
  const { visit, run, digest, due, step: key, name, kind, call, instructions, changed, assignees, risk } = ask
  const step = stepOf(story.definition, key)
  return {
    team,
    task: story.view.id,
    visit,
    run,
    digest,
    title: story.view.title,
    workflow: story.definition.name,
    stepName: questionName(step === undefined ? key : stepName(step), name),
    kind,
    tool: call?.tool ?? null,
    question: kind === 'question' ? instructions : null,
    due: due === null ? null : Date.parse(due),
    recipients: recipients ?? assignees.filter(each => !each.decided).map(each => each.email),
    changed,
    ...(risk && { risk }),
  }
}
