<?php

namespace App\Http\Controllers;

use App\Models\Author;
use App\Models\Book;

class BookController
{
    public function index()
    {
        $books = Book::query()
            ->where('published', true)
            ->latest()
            ->paginate(50);

        return view('books.index', compact('books'));
    }

    public function all()
    {
        return view('books.index', ['books' => Book::all()]);
    }

    public function merged()
    {
        $books = Book::with(['chapters'])->get();
        foreach ($books as $book) {
            echo $book->author->name;
            foreach ($book->chapters as $chapter) {
                echo $chapter->editor->name;
            }
        }
    }

    public function constrained()
    {
        $books = Book::with('chapters:id,book_id,title')->get();
        foreach ($books as $book) {
            foreach ($book->chapters as $chapter) {
                echo $chapter->editor->name;
            }
        }
    }

    public function narrow()
    {
        foreach (Book::select(['id', 'title'])->get() as $book) {
            echo $book->author->name;
        }
    }

    public function loaded(Author $author)
    {
        foreach ($author->books as $book) {
            echo count($book->chapters);
        }
    }

    public function country()
    {
        foreach (Author::orderBy('name')->get() as $author) {
            echo count($author->sameCountry);
        }
    }

    public function counted()
    {
        foreach (Book::orderBy('title')->get() as $book) {
            echo $book->chapters()->count();
        }
    }

    public function countedSome()
    {
        foreach (Book::orderBy('title')->get() as $book) {
            echo $book->chapters()->where('long', true)->count();
        }
    }
}
