"""Every word of the login, in English and in Russian: it stands before any edition and any page."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Sign in", "Вход"),
    "lead": (
        "The figures of the programme are for its staff. Ask your administrator for a user name.",
        "Показатели программы предназначены для её сотрудников. Имя пользователя выдаёт администратор.",
    ),
    "name": ("User name", "Имя пользователя"),
    "password": ("Password", "Пароль"),
    "send": ("Sign in", "Войти"),
    "wrong": ("User name or password is not right.", "Имя пользователя или пароль указаны неверно."),
    "too_often": (
        "Too many tries. Wait, then try again. Minutes to wait: {minutes}.",
        "Слишком много попыток. Подождите и попробуйте снова. Ждать, минут: {minutes}.",
    ),
    "stale": (
        "This form had lain open too long, or came from elsewhere. Please try again.",
        "Форма была открыта слишком долго или пришла с другого сайта. Попробуйте ещё раз.",
    ),
    "signed_in": ("Signed in: {name}", "Вы вошли: {name}"),
    "sign_out": ("Sign out", "Выйти"),
    "language": ("Language", "Язык"),
    "account": ("Your login", "Ваш вход"),
    "closed_title": ("Not open to your role", "Недоступно для вашей роли"),
    "closed_text": (
        "What is handed to donors is for M&E officers and administrators. Ask your administrator if you need it.",
        "Материалы для доноров доступны сотрудникам по МиО и администраторам. За доступом обратитесь к администратору.",
    ),
    "whole_region": ("the whole region", "весь регион"),
}


def words(key: str, language: str, **values: str) -> str:
    """The words for a key in a language."""
    en, ru = WORDS[key]
    return (ru if language == "ru" else en).format(**values)
