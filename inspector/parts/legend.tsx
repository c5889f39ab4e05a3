/** What the marks on lanes stand for. */
export const Legend = () => (
  <>
    <span class="key">
      <svg class="lanes small" width="14" height="8" aria-hidden="true">
        <rect class="held" width="14" height="8" rx="2" />
      </svg>
      lock held
    </span>
    <span class="key">
      <svg class="lanes small" width="3" height="12" aria-hidden="true">
        <line class="due" x1="1.5" x2="1.5" y1="0" y2="12" />
      </svg>
      80 % of ten minutes
    </span>
    <span class="key">
      <svg class="lanes small" width="8" height="8" aria-hidden="true">
        <circle class="fault" cx="4" cy="4" r="3.5" />
      </svg>
      fault
    </span>
  </>
)
