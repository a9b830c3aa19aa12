/** What a run was given: a model its text, a call what it is to send, another workflow its input. */
import type { Json } from '../../../domain/json/json.ts'
import type { Stored } from '../../../domain/task/log/blob.ts'
import { SentCall } from '../../../http/components/value/sent-call.tsx'
import { StoredValue } from '../../../http/components/value/stored-value.tsx'
import { PlainText } from '../../../http/page/markdown.tsx'
import type { RunStory } from '../../page/visit-story.ts'
import { Fold, wholeOf } from '../parts.tsx'

/** A call that was made tells what was sent; before that it is shown as it will be. */
export const RunInput = ({ run, handler, task }: { run: RunStory; handler: string; task: string }) => {
  const { prompt, promptSeq, calls } = run
  if (handler === 'workflow') {
    const given = typeof prompt === 'string' ? readJson(prompt) : prompt
    return (
      <Fold title="What it is given">
        <StoredValue value={given} href={wholeOf(task, promptSeq)} />
      </Fold>
    )
  }
  if (prompt === null || !['http', 'tool'].includes(handler)) {
    return (
      <Fold title="Input">
        <Text value={prompt ?? ''} href={wholeOf(task, promptSeq)} />
      </Fold>
    )
  }
  if (calls.length > 0) return null
  return (
    <Fold title="What is to be sent">
      {typeof prompt === 'string' ? (
        <SentCall args={readJson(prompt)} />
      ) : (
        <StoredValue value={prompt} href={wholeOf(task, promptSeq)} />
      )}
    </Fold>
  )
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const Text = ({ value, href }: { value: Stored<string>; href: string }) =>
  typeof value === 'string' ? <PlainText text={value} /> : <StoredValue value={value} href={href} />
