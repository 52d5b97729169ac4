/** Style sheet of the report: readable on paper and on a phone, no font or image from elsewhere. */
export const REPORT_STYLE = `
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, 'DejaVu Sans', sans-serif; color: #1c1c1c; background: #ffffff; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.3rem; }
h3 { margin: 1.8rem 0 .3rem; font-size: 1.05rem; }
.basis, .definition, figcaption, .caveat { color: #4a4a4a; font-size: .88rem; }
.notice { background: #fff3cd; border-left: 5px solid #b58900; padding: .6rem .9rem; font-weight: 600; }
.answers li { margin-bottom: .7rem; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure svg { width: 100%; min-width: 38rem; height: auto; }
.scroll { overflow-x: auto; scrollbar-width: thin; scrollbar-color: #8a8a8a #f0f0f0; background: linear-gradient(to right, #ffffff 1.2rem, rgba(255,255,255,0)) left / 2.4rem 100% no-repeat local, linear-gradient(to left, #ffffff 1.2rem, rgba(255,255,255,0)) right / 2.4rem 100% no-repeat local, linear-gradient(to right, rgba(0,0,0,.28), rgba(0,0,0,0)) left / .8rem 100% no-repeat scroll, linear-gradient(to left, rgba(0,0,0,.28), rgba(0,0,0,0)) right / .8rem 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .55rem; text-align: right; border-bottom: 1px solid #e3e3e3; vertical-align: top; }
td, .whole { white-space: nowrap; }
th[scope=row], thead th:first-child { text-align: left; font-weight: 500; }
thead th { border-bottom: 2px solid #8a8a8a; }
tfoot th[scope=row], tfoot td { font-weight: 700; border-bottom: none; }
table.shares td:nth-child(2), table.shares thead th:nth-child(2) { text-align: left; }
table.shares td:nth-child(2) { white-space: normal; min-width: 16rem; }
table.months { font-size: .84rem; }
table.months th, table.months td { padding: .3rem .4rem; }
table.months th[scope=row] { white-space: nowrap; }
ul ul { padding-left: 1.2rem; }
.tree li { overflow-wrap: anywhere; }
.more { color: #4a4a4a; font-style: italic; }
table.families th[scope=row] { min-width: 8rem; }
td.words, table.events thead th { white-space: normal; overflow-wrap: anywhere; text-align: left; min-width: 7rem; }
td.words:last-child { min-width: 16rem; }
table.days th[scope=row], table.events th[scope=row] { white-space: nowrap; }
.scroll + .scroll { margin-top: 1.2rem; }
table.calendar { width: auto; font-size: .78rem; }
table.calendar th, table.calendar td { padding: .1rem; min-width: 1.15rem; text-align: center; border: 1px solid #ffffff; font-weight: 400; }
table.calendar th[scope=row] { padding-right: .5rem; white-space: nowrap; }
.day { font-family: 'DejaVu Sans Mono', monospace; }
.day.complete { background: #e3f1e3; color: #1f4d1f; }
.day.partial { background: #fbe3b0; color: #4d3500; font-weight: 700; }
.day.held { background: #f6c6c0; color: #6b1208; font-weight: 700; }
.day.rejected { background: #6b1208; color: #ffffff; font-weight: 700; }
.day.running { background: #d5e5f7; color: #123a66; font-weight: 700; }
.day.gap { background: #4a4a4a; color: #ffffff; font-weight: 700; }
.day.none { color: #6a6a6a; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .88rem; }
.legend .day { display: inline-block; width: 1.3rem; text-align: center; }
summary { cursor: pointer; margin: .6rem 0; }
dt { font-weight: 700; margin-top: 1rem; }
dd { margin: 0; }
dd p { margin: .25rem 0; }
@media (max-width: 30rem) { table.calendar { font-size: .66rem; } table.calendar th, table.calendar td { padding: 0; min-width: .55rem; border-width: 0 0 1px; } table.calendar thead th:not(:first-child):not(:nth-child(5n + 1)) { font-size: 0; } table.calendar thead th { letter-spacing: -.08em; } }
@media print { figure svg { min-width: 0; } details { display: block; } body { max-width: none; } .scroll { overflow: visible; background: none; } }
`
