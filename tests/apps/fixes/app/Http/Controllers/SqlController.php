<?php

namespace App\Http\Controllers;

use App\Models\Author;
use App\Models\Book;

class SqlController
{
    public function total()
    {
        return Book::where('published', true)->get()->count();
    }

    public function limited()
    {
        return Book::where('published', true)->limit(10)->get()->count();
    }

    public function none()
    {
        return Book::all()->isEmpty() ? 'none' : 'some';
    }

    public function today()
    {
        return Book::whereDate('created_at', today())->orderBy('id')->paginate();
    }

    public function since(string $day)
    {
        return Book::orderBy('id')->whereDate('created_at', '>', $day)->paginate();
    }

    public function names(array $ids)
    {
        $books = Book::whereIn('id', $ids)->orderBy('id')->get();
        foreach ($books as $book) {
            $author = Author::find($book->author_id);
            echo $author?->name;
        }
    }

    public function publish()
    {
        $books = Book::where('ready', true)->get();
        foreach ($books as $book) {
            $book->update(['published' => true]);
        }
    }

    public function number()
    {
        $books = Book::where('ready', true)->get();
        foreach ($books as $i => $book) {
            $book->update(['position' => $i]);
        }
    }
}
