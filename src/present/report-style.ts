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
summary { cursor: pointer; margin: .6rem 0; }
dt { font-weight: 700; margin-top: 1rem; }
dd { margin: 0; }
dd p { margin: .25rem 0; }
@media print { figure svg { min-width: 0; } details { display: block; } body { max-width: none; } .scroll { overflow: visible; background: none; } }
`
