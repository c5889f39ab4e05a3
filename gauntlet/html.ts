import type { GauntletReport } from './report-forms.ts'
import { gauntletText } from './text.ts'
import { isFailing } from './verdict.ts'

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A report as one page that loads nothing from elsewhere. */
export const gauntletHtml = (report: GauntletReport): string => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gauntlet ${escaped(report.command.join(' '))}</title>
<style>
  body { font: 14px/1.5 ui-monospace, monospace; margin: 2rem; max-width: 70rem; color-scheme: light dark }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
  table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
  .fails { font-weight: bold; color: #c33 }
</style>
<h1>gauntlet</h1>
<pre>${escaped(gauntletText(report, true))}</pre>
<table>
<tr><th>adversity<th>verdict<th>calls<th>ms
${report.trials.map(({ id, verdict, calls, millis }) => `<tr><td>${escaped(id)}<td${isFailing(verdict) ? ' class="fails"' : ''}>${verdict}<td>${calls}<td>${millis}`).join('\n')}
</table>
</html>
`
