<?php

function order_model(): string
{
    return config('shop.models.order');
}
