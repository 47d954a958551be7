'use client'
import { UnstyledButton } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import classes from './disclosure.module.css'

/** More of a panel, folded until it is asked for. */
export function Disclosure({ label, children }: { label: string; children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false)
  const id = useId()
  return (
    <>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <ChevronRight size={18} aria-hidden />
        {label}
      </UnstyledButton>
      <div id={id} hidden={!isOpen} className={classes.body}>
        {isOpen ? children : null}
      </div>
    </>
  )
}
