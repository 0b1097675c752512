<?php

namespace App\Http\Controllers;

use App\Enums\Status;
use App\Http\Resources\PostResource;
use App\Models\Category;
use App\Models\Comment;
use App\Models\Image;
use App\Models\Order;
use App\Models\Post;
use App\Models\Product;
use App\Models\Team;
use App\Models\User;
use App\Services\PostLister;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Carbon;

class WriteController
{
    public function direct()
    {
        foreach (Product::where('name', 'x')->get() as $product) {
            $product->update(['listed' => false]);
        }
    }

    public function stamped()
    {
        foreach (User::where('team_id', 3)->get() as $user) {
            $user->update(['active' => false]);
        }
    }

    public function limited()
    {
        foreach (Product::where('name', 'x')->limit(5)->get() as $product) {
            $product->update(['listed' => false]);
        }
    }

    public function unfillable()
    {
        foreach (User::where('team_id', 3)->get() as $user) {
            $user->update(['email' => 'x']);
        }
    }

    public function observed()
    {
        foreach (Order::all() as $order) {
            $order->update(['paid' => true]);
        }
    }

    public function usedAfter()
    {
        $products = Product::where('name', 'x')->get();
        foreach ($products as $product) {
            $product->update(['listed' => false]);
        }

        return view('plain', ['names' => $products]);
    }
}
