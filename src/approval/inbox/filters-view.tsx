/** What narrows the inbox: a plain form by GET, so that what was found has an address. */
import { Button } from '../../http/components/button.tsx'
import { Search, WorkflowSelect } from '../../http/components/field.tsx'
import { AGES, type Asked, isNarrowed } from './asked.ts'

interface FiltersProps {
  asked: Asked
  workflows: { id: string; name: string }[]
}

export const Filters = ({ asked, workflows }: FiltersProps) => (
  <form class="form--inline" action="/approvals" method="get">
    <input type="hidden" name="show" value={asked.show} />
    <Search label="Text in the title" value={asked.q} />
    <WorkflowSelect workflows={workflows} value={asked.workflow} />
    {asked.show !== 'decided' && (
      <select class="input" name="age" aria-label="Waiting for at least">
        <option value="">Any age</option>
        {Object.keys(AGES).map(age => (
          <option value={age} selected={age === asked.age}>
            {AGE_WORDS[age]}
          </option>
        ))}
      </select>
    )}
    {asked.show !== 'mine' && (
      <input
        class="input"
        name="person"
        value={asked.person}
        placeholder={asked.show === 'decided' ? 'Who decided: address' : 'Who is asked: address'}
        aria-label={asked.show === 'decided' ? 'Who decided' : 'Who is asked'}
      />
    )}
    <Button icon="search">Search</Button>
    {isNarrowed(asked) && <a href={`/approvals?show=${asked.show}`}>Clear</a>}
  </form>
)

const AGE_WORDS: Record<string, string> = {
  '1h': 'An hour and more',
  '1d': 'A day and more',
  '3d': '3 days and more',
  '7d': 'A week and more',
}
