"""The survey with aiogram's finite-state machine and its answers in PostgreSQL, on its own webhook."""

from __future__ import annotations

import logging
import os

import asyncpg
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from questions import QUESTIONS, THANKS, NotUnderstood

SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    chat bigint, question integer, value text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chat, question)
)
"""
KEEP = """
INSERT INTO answers (chat, question, value) VALUES ($1, $2, $3)
ON CONFLICT (chat, question) DO UPDATE SET value = excluded.value, at = now()
"""
router = Router()


class Survey(StatesGroup):
    answering = State()


async def ask(message: Message, index: int) -> None:
    question = QUESTIONS[index]
    keyboard = (
        ReplyKeyboardMarkup(
            keyboard=[[KeyboardButton(text=choice)] for choice in question.choices], one_time_keyboard=True
        )
        if question.choices
        else ReplyKeyboardRemove()
    )
    await message.answer(
        f"Question {index + 1} of {len(QUESTIONS)}\n\n{question.text}", reply_markup=keyboard
    )


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.set_state(Survey.answering)
    await state.set_data({"question": 0})
    await ask(message, 0)


@router.message(Survey.answering, F.text)
async def answer(message: Message, state: FSMContext, pool: asyncpg.Pool) -> None:
    index = (await state.get_data())["question"]
    try:
        value = QUESTIONS[index].understand(message.text)
    except NotUnderstood as problem:
        await message.answer(str(problem))
        return
    await pool.execute(KEEP, message.chat.id, index, value)
    if index + 1 < len(QUESTIONS):
        await state.update_data(question=index + 1)
        await ask(message, index + 1)
    else:
        await state.clear()
        await message.answer(THANKS, reply_markup=ReplyKeyboardRemove())


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    bot = Bot(
        os.environ["TOKEN"],
        session=AiohttpSession(api=TelegramAPIServer.from_base(os.environ["API_URL"])),
    )
    dispatcher = Dispatcher()
    dispatcher.include_router(router)

    @dispatcher.startup()
    async def on_startup() -> None:
        dispatcher["pool"] = await asyncpg.create_pool(os.environ["DATABASE"])
        await dispatcher["pool"].execute(SCHEMA)
        await bot.set_webhook(
            f"https://127.0.0.1:{os.environ['PORT']}/telegram", secret_token=os.environ["SECRET"]
        )

    application = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=os.environ["SECRET"]).register(
        application, path="/telegram"
    )
    setup_application(application, dispatcher, bot=bot)
    web.run_app(application, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)


if __name__ == "__main__":
    main()
