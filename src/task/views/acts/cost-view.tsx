/** How a task at its cost limit may go on: with more, with a cheaper model, or no further. */
import { dollars } from '../../../domain/money.ts'
import type { CostAsk } from '../../../domain/task/cost.ts'
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { Select, TextField } from '../../../http/components/field.tsx'
import { cheaperText } from '../../cheaper.ts'
import type { TaskPage } from '../task-page.ts'
import { PostForm } from './command-view.tsx'

export const CostChoices = ({ task, ask }: { task: TaskPage; ask: CostAsk }) => {
  const mistake = task.doing === 'raise' ? task.mistake : null
  const from = <input type="hidden" name="from" value={String(ask.limit)} />
  return (
    <div class="stack" id="do-raise">
      {mistake !== null && mistake.field !== 'by' && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <PostForm task={task} command="raise">
        {from}
        <Button look="primary" icon="flag" name="by" value="1">
          Raise by $1, to {dollars(ask.limit + 1)}
        </Button>
      </PostForm>
      <PostForm task={task} command="raise" stacked>
        {from}
        <TextField
          label="Or by an amount in USD"
          name="by"
          id="raise-by"
          inputmode="decimal"
          required
          value={task.typed('by')}
          error={mistake?.field === 'by' ? mistake.message : undefined}
        />
        <div>
          <Button icon="flag">Raise by this amount</Button>
        </div>
      </PostForm>
      <CheaperForm task={task} ask={ask} />
      <PostForm task={task} command="route">
        <Button name="handoff" value="complete" icon="check">
          Finish with what there is
        </Button>
      </PostForm>
    </div>
  )
}

const CheaperForm = ({ task, ask }: { task: TaskPage; ask: CostAsk }) => {
  const model = ask.model === null ? 'the present one' : ask.model
  if (task.cheaper.length === 0) {
    return (
      <p class="secondary" hx-ignore>
        No model that is set up here and cheaper than {model} fits what is left ({dollars(ask.left)}).
      </p>
    )
  }
  return (
    <PostForm task={task} command="raise" stacked>
      <Select
        label="Or go on with a cheaper model"
        name="model"
        id="raise-model"
        required
        hint={`Instead of ${model}, for the rest of this task. ${dollars(ask.left)} is left.`}
        options={task.cheaper.map(each => ({ value: each.name, label: cheaperText(each) }))}
      />
      <div>
        <Button icon="refresh">Go on with it</Button>
      </div>
    </PostForm>
  )
}
