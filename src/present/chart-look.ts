/** What every chart of the report looks like: one font, quiet axes. */
export const CHART_CONFIG = {
  font: 'DejaVu Sans, Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axis: { labelColor: '#333333', titleColor: '#333333', labelFontSize: 11, gridColor: '#e6e6e6' },
}

/** The title of a chart, and below it what it is made of. */
export const TITLE_LOOK = {
  anchor: 'start',
  fontSize: 17,
  subtitleColor: '#444444',
  subtitleFontSize: 11.5,
  subtitlePadding: 5,
  offset: 14,
} as const
