// Page: uplot.js, which the build makes of the package's minified script.
export { default } from 'uplot';
