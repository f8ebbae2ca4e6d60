// the theme without the letters that it brings along: those of the system do
import DefaultTheme from "vitepress/theme-without-fonts";
import "./style.css";

export default DefaultTheme;
