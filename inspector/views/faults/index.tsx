import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page } from '../../parts/page.tsx'
import { faults, isLoaded } from '../../session.ts'
import { FaultForm } from './form.tsx'
import { FaultTable } from './table.tsx'

/** What goes wrong on purpose: the faults that there are, and a form for the next. */
export function Faults() {
  const [wish, setNew] = useState<boolean | null>(null)
  const isNew = wish ?? (isLoaded.value && faults.value.length === 0)
  // What is filled in stays, though the world begins anew meanwhile.
  useEffect(() => {
    if (isNew) setNew(true)
  }, [isNew])
  if (isNew) {
    return (
      <FaultForm onDone={() => setNew(false)}>
        <FaultTable />
      </FaultForm>
    )
  }
  const head = (
    <>
      <span class="grow" />
      <Button look="primary" onClick={() => setNew(true)}>
        <Icon name="plus" size={14} /> New fault
      </Button>
    </>
  )
  return (
    <Page title="Faults" about="What goes wrong on purpose in this world." head={head} width={1080}>
      <FaultTable />
    </Page>
  )
}
